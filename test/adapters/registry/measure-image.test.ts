import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { EntryHead } from '../../../adapters/archiver/manifest-entry.ts'
import { tarEnd, tarHeader, tarPadding } from '../../../adapters/archiver/tar.ts'
import { measureImage, readLayer } from '../../../adapters/registry/measure-image.ts'
import { canTestWith } from '../../support/can-test.ts'
import { directoryForTest } from '../../support/temporary-directories.ts'

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`
const mebibyte = 2 ** 20
const about = { mode: 0o644, mtime: '0' }

let directory = ''
beforeEach(async () => {
  directory = await directoryForTest()
})

/** Layers as they are stored, which come in pieces of such a size. */
const filesOf = (layers: readonly Buffer[], piece = 65_536) => {
  const stored = new Map(layers.map((content) => [digestOf(content), content]))
  return {
    size: async (_: string, digest: string) => stored.get(digest)?.length,
    read: (_: string, digest: string, size: number) => {
      const content = (stored.get(digest) ?? Buffer.alloc(0)).subarray(0, size)
      const starts = Array.from({ length: Math.ceil(content.length / piece) }, (__, index) => index * piece)
      return Readable.from(starts.map((at) => content.subarray(at, at + piece)))
    },
  }
}

const measure = (layers: readonly Buffer[], limit = mebibyte) => {
  const image = { config: digestOf(Buffer.from('{}')), layers: layers.map(digestOf) }
  return measureImage(filesOf(layers), { repository: 'own/site', container: 'web', image }, { limit })
}

const refusal = (reason: string) => ({ kind: 'BlueprintInvalid', message: expect.stringMatching(reason) })
const strange = refusal('no usual tar file')

const file = (path: string, content: Buffer) =>
  Buffer.concat([
    tarHeader({ ...about, type: 'file', path, size: content.length }),
    content,
    tarPadding(content.length),
  ])
const tarOf = (...parts: readonly Buffer[]) => Buffer.concat([...parts, tarEnd])
const small = tarOf(file('etc/motd', Buffer.from('Welcome.')))
/** More than 8 MiB, to which a window of zstd is limited. */
const large = tarOf(file('zeros', Buffer.alloc(17 * mebibyte)))
const skippable = Buffer.from('502a4d180400000000000000', 'hex')

/** A header as it is, of which only the checksum is right, unless it is to be left out. */
const rawHeader = (type: string, name: string, size: string, { isSummed = true } = {}): Buffer => {
  const block = Buffer.alloc(512)
  block.write(name, 0, 'latin1')
  block.write(size, 124, 'latin1')
  block.write('        ', 148)
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(isSummed ? `${sum.toString(8).padStart(6, '0')}\0 ` : '\0'.repeat(8), 148)
  return block
}
/** With something where times are. */
const gnuHeader = (more: string): Buffer => {
  const block = rawHeader('0', 'a', '0')
  block.write('ustar  \0', 257)
  block.write(more, 345)
  block.write('        ', 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
const records = (text: string) => [
  rawHeader('x', 'pax', text.length.toString(8)),
  Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, '\0')),
]

it.each([
  ['as they are', (tar: Buffer) => tar],
  ['compressed by gzip', (tar: Buffer) => gzipSync(tar)],
  [
    'in two members of gzip',
    (tar: Buffer) => Buffer.concat([tar.subarray(0, 700), tar.subarray(700)].map((part) => gzipSync(part))),
  ],
  ['compressed by zstd', (tar: Buffer) => zstdCompressSync(tar)],
  [
    'in frames of zstd, of which some are skipped',
    (tar: Buffer) =>
      Buffer.concat([
        skippable,
        zstdCompressSync(tar.subarray(0, 700)),
        skippable,
        zstdCompressSync(tar.subarray(700)),
        skippable,
      ]),
  ],
])('measures layers %s, and refuses those that fill a disk', async (_, pack) => {
  expect(await measure([pack(small), pack(small)])).toMatchObject({ bytes: 2 * (small.length + 2 * 4096) })
  await expect(measure([pack(large)])).rejects.toMatchObject(
    refusal("^The image of 'web' has more than 1 MiB when it is unpacked.$"),
  )
})

it('counts a layer each time that it is there', async () => {
  const half = tarOf(file('half', Buffer.alloc(mebibyte / 2)))
  await measure([half])
  await expect(measure([half, half])).rejects.toMatchObject(refusal('more than 1 MiB'))
})

it('unpacks all frames of zstd, wherever the file is cut', async () => {
  const frame = fc.record({
    bytes: fc.integer({ max: 300_000, min: 0 }),
    isKnown: fc.boolean(),
    isRandom: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 70_000 }), async (frames, piece) => {
      const parts = frames.map(({ bytes, isRandom }) => {
        const content = Buffer.alloc(bytes, 'a text ')
        if (isRandom)
          for (let at = 0; at < bytes; at += 65_536)
            crypto.getRandomValues(
              new Uint8Array(content.buffer, content.byteOffset + at, Math.min(65_536, bytes - at)),
            )
        return content
      })
      const packed = Buffer.concat(parts.map((part) => zstdCompressSync(part)))
      const read: Buffer[] = []
      // Thousands of pieces, and no millions.
      const files = filesOf([packed], Math.max(piece, packed.length >> 12))
      for await (const chunk of readLayer(files, 'own/site', digestOf(packed))) read.push(chunk)
      expect(Buffer.concat(read).equals(Buffer.concat(parts))).toBe(true)
    }),
    { numRuns: 30 },
  )
})

it.each([
  ['twice', gzipSync(gzipSync(large))],
  ['twice, to less than a block', gzipSync(gzipSync(small))],
  ['by zstd within gzip', gzipSync(zstdCompressSync(large))],
  ['by bzip2', Buffer.from(`425a6839${'00'.repeat(600)}`, 'hex')],
  ['by xz', Buffer.from(`fd377a585a00${'00'.repeat(600)}`, 'hex')],
  ['behind one byte', Buffer.concat([gzipSync(Buffer.from('\x28')), gzipSync(zstdCompressSync(large).subarray(1))])],
])('refuses what an engine would unpack further: compressed %s', async (_, layer) => {
  await expect(measure([layer])).rejects.toMatchObject(strange)
})

it.each([
  ['gzip that is cut off', gzipSync(small).subarray(0, -9)],
  ['gzip with something behind it', Buffer.concat([gzipSync(small), Buffer.from('more')])],
  ['zstd that is cut off', zstdCompressSync(small).subarray(0, -1)],
  ['zstd with something behind it', Buffer.concat([zstdCompressSync(small), Buffer.from('more and more')])],
  ['zstd that takes much memory', zstdCompressSync(large, { params: { [constants.ZSTD_c_windowLog]: 24 } })],
  ['zstd that is cut off in a frame to skip', Buffer.concat([zstdCompressSync(small), skippable.subarray(0, 10)])],
])('refuses %s', async (_, layer) => {
  await expect(measure([layer])).rejects.toMatchObject(refusal('cannot be unpacked|cut off'))
})

it('refuses content that has changed, and throws what storage throws', async () => {
  const files = filesOf([small])
  const image = { config: '', layers: [digestOf(small)] }
  const ask = (read: typeof files.read) =>
    measureImage({ ...files, read }, { repository: 'own/site', container: 'web', image })
  await expect(ask((_, __, size) => Readable.from([large.subarray(0, size)]))).rejects.toThrow('is not what was pushed')
  const broken = () =>
    new Readable({
      read: (): void => {
        throw new Error('the disk')
      },
    })
  await expect(ask(broken)).rejects.toThrow('the disk')
})

it('counts entries without content, and directories that a name alone makes', async () => {
  const empty = Array.from({ length: 300 }, (_, index) => file(`${index}`, Buffer.alloc(0)))
  await expect(measure([tarOf(...empty)])).rejects.toMatchObject(refusal('more than 1 MiB'))
  const deep = (name: string) => file(`${name}/${'d/'.repeat(45)}f`, Buffer.alloc(0))
  await expect(measure([tarOf(...['a', 'b', 'c', 'd', 'e', 'f'].map(deep))])).rejects.toMatchObject(
    refusal('more than'),
  )
  // Those that are there already take nothing.
  await measure([tarOf(...Array.from({ length: 6 }, () => deep('a')))])
  await expect(measure([tarOf(file(`${'d/'.repeat(1500)}f`, Buffer.alloc(0)))])).rejects.toMatchObject(
    refusal('more than'),
  )
})

it.each([
  ['a checksum that some programs take for nought', [rawHeader('0', 'a', '0', { isSummed: false })]],
  ['two extended headers', [...records('9 size=9\n'), ...records('11 path=ab\n'), rawHeader('0', 'a', '0')]],
  [
    'an extended header before one for all',
    [...records('9 size=9\n'), rawHeader('g', 'pax', '0'), rawHeader('0', 'a', '0')],
  ],
  ['records that are cut off', records('9 size=')],
  ['an empty extended header', [...records('9 size=9\n'), rawHeader('x', 'pax', '0'), rawHeader('0', 'a', '0')]],
  ['an empty long name', [rawHeader('L', '././@LongLink', '1'), Buffer.alloc(512), rawHeader('0', 'a', '0')]],
  ['a path for all entries', [rawHeader('g', 'pax', '14'), Buffer.from('12 path=a/b\n'.padEnd(512, '\0')), tarEnd]],
  ['a file that some storage copies', [rawHeader('0', '.wh..wh.plnk/1', '0')]],
  ['an extended header that is long', records(`200000 comment=${'x'.repeat(199_984)}\n`)],
  [
    'an extended header of many records',
    records(Array.from({ length: 1001 }, (_, index) => `10 k${1000 + index}=\n`).join('')),
  ],
  ['an entry below a symbolic link', [rawHeader('2', 's', '0'), rawHeader('0', './s/x', '0')]],
  ['an entry below a hard link', [rawHeader('1', 'a/s', '0'), rawHeader('5', '/a/s/b/c', '0')]],
  ['a prefix in a header of GNU', [gnuHeader('deep/'.repeat(20))]],
  ['a path that is too long', [...records(`5011 path=${'d'.repeat(5000)}\n`), rawHeader('0', 'a', '0')]],
  ['many attributes', [...records(`5024 SCHILY.xattr.user=${'x'.repeat(5000)}\n`), rawHeader('0', 'a', '0')]],
  ['a negative size', [...records('11 size=-9\n'), rawHeader('0', 'a', '0')]],
  ['a size in another form', [rawHeader('0', 'a', '\x80\0\0\0\0\0\0\0\0\0\0\x01')]],
  ['content of a directory', [rawHeader('0', 'a/', '1000'), Buffer.alloc(512)]],
  ['an unknown type', [rawHeader('D', 'a', '0')]],
  ['the oldest form', [rawHeader('\0', 'a', '0')]],
  ['an entry that is cut off', [rawHeader('0', 'a', '77777')]],
  ['an entry after a block of zeros', [Buffer.alloc(512), rawHeader('0', 'a', '0')]],
  ['a long name that no engine takes', [rawHeader('L', '././@LongLink', '77777777')]],
])('refuses what programs read in different ways: %s', async (_, blocks) => {
  await expect(measure([tarOf(...blocks)])).rejects.toMatchObject(strange)
})

it('takes what builders of images write: directories that hide others, headers for all entries, and times', async () => {
  const opaque = [rawHeader('0', 'a/.wh..wh..opq', '0'), rawHeader('0', 'a/.wh.gone', '0')]
  const comment = [
    rawHeader('g', 'pax_global_header', '64'),
    Buffer.from(`52 comment=${'a'.repeat(40)}\n`.padEnd(512, '\0')),
  ]
  const linked = [rawHeader('2', 'bin', '0'), rawHeader('0', 'bin2/sh', '0'), gnuHeader('')]
  const timed = [...records('30 mtime=1767225600.123456789\n'), rawHeader('5', 'b/', '0')]
  expect((await measure([tarOf(...comment, ...opaque, ...linked, ...timed)])).entries).toBeGreaterThanOrEqual(3)
})

it('refuses sparse files, and takes an archive with one as the content of a file', async () => {
  const sparse = [...records('29 GNU.sparse.realsize=99999\n'), rawHeader('0', 'holes', '0')]
  for (const blocks of [[rawHeader('S', 'holes', '0')], sparse]) {
    await expect(measure([tarOf(...blocks)])).rejects.toMatchObject(refusal('sparse'))
    await measure([tarOf(file('src/archive/tar/testdata/sparse.tar', tarOf(...blocks)))])
  }
})

describe.runIf(canTestWith(['tar'], 'what others write and read'))('held against GNU tar', () => {
  const tar = (...options: readonly string[]) => execFileSync('tar', options, { maxBuffer: 64 * mebibyte })

  it.each(['gnu', 'pax --sparse-version=0.0', 'pax --sparse-version=0.1', 'pax --sparse-version=1.0'])(
    'refuses its sparse files, format %s',
    async (format) => {
      await using sparse = await open(join(directory, 'sparse'), 'w')
      await sparse.truncate(mebibyte)
      await sparse.write('the end')
      const written = tar('-C', directory, ...`--format=${format}`.split(' '), '--sparse', '--create', 'sparse')
      await expect(measure([written])).rejects.toMatchObject(refusal('sparse'))
    },
  )

  it.each([
    ['ustar', 'long'.repeat(20)],
    ['gnu', 'long'.repeat(30)],
    ['pax', 'long'.repeat(30)],
  ])('takes its files, format %s', async (format, name) => {
    const count = 20
    await mkdir(join(directory, 'a', name), { recursive: true })
    for (let index = 0; index < count; index += 1) {
      await using made = await open(join(directory, 'a', name, `ä${index}`), 'w')
      await made.write(Buffer.alloc(index * 100))
    }
    const written = tar('-C', directory, `--format=${format}`, '--create', 'a')
    const { bytes } = await measure([written])
    expect(bytes).toBeGreaterThan(written.length + 4096 * count)
    expect(bytes).toBeLessThan(written.length + 4096 * (2 * count + 10))
  })

  it('counts at least as much as it makes, whatever the names', async () => {
    const part = fc.constantFrom('a', 'b', 'ä', 'c'.repeat(60))
    const entry = fc.record({
      parts: fc.array(part, { minLength: 1, maxLength: 12 }),
      isDirectory: fc.boolean(),
      size: fc.constantFrom(0, 1, 512, 513),
    })
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 30 }), async (entries) => {
        // A file never stands where another entry needs a directory.
        const written = entries.map(({ parts, isDirectory, size }) => {
          const path = Buffer.from(`${parts.join('/')}${isDirectory ? '' : '.f'}`).toString('latin1')
          const head: EntryHead = {
            ...about,
            mode: 0o755,
            path,
            ...(isDirectory ? { type: 'directory' } : { type: 'file', size }),
          }
          return Buffer.concat([tarHeader(head), ...(isDirectory ? [] : [Buffer.alloc(size), tarPadding(size)])])
        })
        run += 1
        const place = join(directory, `${run}`)
        await mkdir(place)
        execFileSync('tar', ['--extract', '--directory', place], { input: tarOf(...written) })
        const made = (await readdir(place, { recursive: true })).length
        expect((await measure([tarOf(...written)])).bytes).toBeGreaterThan(4096 * made)
      }),
      { numRuns: 40 },
    )
  })
})
