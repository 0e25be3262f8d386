import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import { archiveStoreContract, collect, contentOf } from './contract.ts'

archiveStoreContract('a directory of archives', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-archives-'))
  return { archives: await openArchiveDirectory(directory), close: () => rm(directory, { recursive: true }) }
})

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
