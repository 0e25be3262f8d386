import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import { archiveStoreContract, collect, contentOf } from './contract.ts'

for (const [name, options] of [
  ['a directory of archives', {}],
  ['a directory of archives that a worker reads', { isShared: true, readsAtOnce: true }],
] as const) {
  archiveStoreContract(name, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sitewright-archives-'))
    return { archives: await openArchiveDirectory(directory, options), close: () => rm(directory, { recursive: true }) }
  })
}

let directory: string
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'sitewright-archives-')), 'archives')
})
afterEach(() => rm(join(directory, '..'), { recursive: true }))

it('archives are hidden from other users of the machine', async () => {
  const archives = await openArchiveDirectory(directory)
  await archives.put('site_a/data.tar', contentOf(10))
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
  expect((await stat(join(directory, 'site_a+data.tar.archive'))).mode & 0o777).toBe(0o600)
})

it('removes what a crash left of an archive, and keeps whole archives whatever their keys', async () => {
  const before = await openArchiveDirectory(directory)
  await before.put('data.unfinished', contentOf(10))
  await writeFile(join(directory, 'data.archive.1234.unfinished'), 'half of it')
  const after = await openArchiveDirectory(directory)
  expect(await readdir(directory)).toEqual(['data.unfinished.archive'])
  expect(await collect(after.list(''))).toEqual([{ key: 'data.unfinished', bytes: 10 }])
})

it('is flushed when its content need not be on the disk at once, and says if it is gone', async () => {
  const archives = await openArchiveDirectory(directory)
  await archives.put('data.tar', contentOf(10), { flush: 'later' })
  await archives.flush?.('data.tar')
  expect(await collect(archives.list(''))).toEqual([{ key: 'data.tar', bytes: 10 }])
  await expect(archives.flush?.('other.tar')).rejects.toThrow('ENOENT')
})

it('leaves a piece as it was while the next one is read, also where a worker reads', async () => {
  const archives = await openArchiveDirectory(directory, { readsAtOnce: true })
  const content = Buffer.concat(await collect(contentOf(2_000_000)))
  await archives.put('data.tar', contentOf(content.length))
  let position = 0
  let before: Uint8Array = new Uint8Array()
  for await (const piece of (await archives.open('data.tar')) ?? []) {
    expect(content.subarray(position - before.length, position).equals(before)).toBe(true)
    before = piece
    position += piece.length
  }
  expect(position).toBe(content.length)
})
