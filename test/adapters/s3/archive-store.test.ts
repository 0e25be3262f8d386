import { Readable } from 'node:stream'
import { S3Client } from '@aws-sdk/client-s3'
import { expect, it, vi } from 'vitest'
import { createArchiveBucket, partBytesAfter } from '../../../adapters/s3/archive-store.ts'
import config from '../../../sitewright.config.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { collect, contentOf } from '../archives/contract.ts'
import { playAws } from '../play-aws.ts'

const mebibyte = 1024 * 1024

/** An S3 that answers as told, and content that counts what was taken of it. */
const open = (bytes: number, answers: Readonly<Record<string, () => object>> = {}) => {
  const calls: string[] = []
  const state = { taken: 0, sent: 0, maxHeld: 0, isClosed: false }
  const client = playAws(new S3Client({ region: 'eu-central-1' }), ({ Body }: { Body?: Buffer }, command) => {
    calls.push(command.replace('Command', ''))
    state.maxHeld = Math.max(state.maxHeld, state.taken - state.sent)
    state.sent += Body?.length ?? 0
    return answers[command]?.() ?? { UploadId: 'upload', ETag: 'tag', ChecksumCRC32: 'sum' }
  })
  const content = async function* () {
    try {
      for await (const chunk of contentOf(bytes)) {
        state.taken += chunk.length
        yield chunk
      }
    } finally {
      state.isClosed = true
    }
  }
  const log = recordingLog()
  return { archives: createArchiveBucket({ client, bucket: 'archives', log }), content, calls, state, log }
}

const fail = (message: string) => (): never => {
  throw new Error(message)
}

it('of a large archive a few parts are held at a time, however slow S3 is', async () => {
  const { archives, content, state } = open(100 * mebibyte)
  await archives.put('a', content())
  expect(state.sent).toBe(100 * mebibyte)
  expect(state.maxHeld).toBeLessThan(17 * mebibyte)
})

it('the parts that S3 takes have room for twice the data of the largest plan, and memory for three of them', () => {
  const sizes = Array.from({ length: 10_000 }, (_, count) => partBytesAfter(count))
  const max = sizes.reduce((sum, size) => sum + size, 0)
  const largest = Math.max(...config.plans.map(({ limits }) => limits.storageMiB))
  // A site is suspended above 110 % of its plan, at the next measurement.
  expect(max).toBeGreaterThan(2 * largest * mebibyte)
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(5 * mebibyte)
  expect(3 * Math.max(...sizes)).toBeLessThan(300 * mebibyte)
})

it('each part is as large as its number says, save for the last', async () => {
  const sent: { readonly number: number; readonly bytes: number }[] = []
  const client = playAws(
    new S3Client({ region: 'eu-central-1' }),
    ({ PartNumber, Body }: { PartNumber: number; Body: Buffer }, command) => {
      if (command === 'UploadPartCommand') sent.push({ number: PartNumber, bytes: Body.length })
      return { UploadId: 'upload', ETag: 'tag', ChecksumCRC32: 'sum' }
    },
  )
  await createArchiveBucket({ client, bucket: 'archives' }).put('a', contentOf(40 * mebibyte))
  const whole = [0, 1, 2, 3].map(partBytesAfter)
  const rest = whole.reduce((left, size) => left - size, 40 * mebibyte)
  expect(sent).toEqual([...whole, rest].map((bytes, index) => ({ number: index + 1, bytes })))
})

it('an upload whose part S3 refuses is aborted, and the content gets the error', async () => {
  const { archives, content, calls, state } = open(100 * mebibyte, { UploadPartCommand: fail('slow down') })
  await expect(archives.put('a', content())).rejects.toThrow('slow down')
  expect(calls).toEqual(['CreateMultipartUpload', 'UploadPart', 'AbortMultipartUpload'])
  expect(state.isClosed).toBe(true)
})

it('an upload that cannot be aborted fails with its first error, and logs the second', async () => {
  const { archives, content, log } = open(20 * mebibyte, {
    CompleteMultipartUploadCommand: fail('the upload broke'),
    AbortMultipartUploadCommand: fail('that as well'),
  })
  await expect(archives.put('a', content())).rejects.toThrow('the upload broke')
  expect(log.lines).toMatchObject([{ level: 'warn', fields: { event: 'upload-not-aborted', key: 'a' } }])
})

it('an upload that cannot begin takes no more of the content', async () => {
  const { archives, content, state } = open(100 * mebibyte, { CreateMultipartUploadCommand: fail('denied') })
  await expect(archives.put('a', content())).rejects.toThrow('denied')
  expect(state.isClosed).toBe(true)
  expect(state.taken).toBeLessThan(17 * mebibyte)
})

it('does not call another failure a missing archive', async () => {
  const { archives } = open(0, { GetObjectCommand: fail('denied') })
  await expect(archives.open('a')).rejects.toThrow('denied')
})

it('lists what is on further pages of S3’s answer', async () => {
  const pages: Readonly<Record<string, object>> = {
    first: { Contents: [{ Key: 'a', Size: 1 }], NextContinuationToken: 'second' },
    second: { Contents: [{ Key: 'b', Size: 2 }], NextContinuationToken: 'third' },
    third: {},
  }
  const client = playAws(
    new S3Client({ region: 'eu-central-1' }),
    ({ ContinuationToken = 'first' }: { ContinuationToken?: string }) => pages[ContinuationToken] ?? {},
  )
  expect(await collect(createArchiveBucket({ client, bucket: 'archives' }).list(''))).toEqual([
    { key: 'a', bytes: 1 },
    { key: 'b', bytes: 2 },
  ])
})

it('a download that falls silent ends with an error, and one that nobody reads on waits', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const body = new Readable({ read: () => undefined })
    const { archives } = open(0, { GetObjectCommand: () => ({ Body: body }) })
    const pieces = (await archives.open('a'))![Symbol.asyncIterator]()
    body.push('first')
    expect(String((await pieces.next()).value)).toBe('first')
    vi.advanceTimersByTime(3_600_000)
    body.push('second')
    expect(String((await pieces.next()).value)).toBe('second')
    const silent = pieces.next()
    vi.advanceTimersByTime(119_999)
    expect(body.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    await expect(silent).rejects.toThrow('S3 sent nothing for 120000 ms')
  } finally {
    vi.useRealTimers()
  }
})
