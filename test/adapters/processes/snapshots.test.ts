import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepSnapshots, removeSnapshots, takeSnapshot } from '../../../adapters/processes/snapshots.ts'

const siteId = 'site_01jq3v5k8m0000000000000001'
let home = ''
let directory = ''

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sitewright-snapshots-'))
  directory = join(home, 'shop')
  await mkdir(directory)
})
afterEach(() => rm(home, { recursive: true, force: true }))

const take = async (content: string): Promise<string> => {
  await writeFile(join(directory, 'server.js'), content)
  return takeSnapshot({ home, siteId, directory, file: { name: 'shop' } })
}
const place = (id: string): string => join(home, 'snapshots', siteId, id)
const age = (id: string) => utimes(place(id), new Date(0), new Date(0))

it('keeps what it is told and what is new: its deployment may not have been asked for yet', async () => {
  const [kept, old, taken] = [await take('one'), await take('two'), await take('three')]
  await age(kept)
  await age(old)
  await keepSnapshots(home, siteId, new Set([kept]))
  expect((await readdir(place('.'))).toSorted()).toEqual([kept, taken].toSorted())
  await age(kept)
  // Taken again, it is new again.
  expect(await take('one')).toBe(kept)
  await keepSnapshots(home, siteId, new Set())
  expect((await readdir(place('.'))).toSorted()).toEqual([kept, taken].toSorted())
  await removeSnapshots(home, siteId)
  expect(await readdir(join(home, 'snapshots'))).toEqual([])
})
