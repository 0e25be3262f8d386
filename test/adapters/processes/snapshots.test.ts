import { mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import {
  keepSnapshots,
  removeSnapshots,
  snapshotSoftware,
  takeSnapshot,
} from '../../../adapters/processes/snapshots.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { directoryForTest } from '../../support/temporary-directories.ts'

const siteId = 'site_01jq3v5k8m0000000000000001'
let home = ''
let directory = ''

beforeEach(async () => {
  home = await directoryForTest()
  directory = join(home, 'shop')
  await mkdir(directory)
})

const take = async (content: string): Promise<string> => {
  await writeFile(join(directory, 'server.js'), content)
  return takeSnapshot({ home, siteId, directory, file: { name: 'shop' } })
}
const place = (id: string): string => join(home, 'snapshots', siteId, id)
const age = (id: string) => utimes(place(id), new Date(0), new Date(0))

it('keeps what it is told and what is new: its deployment may not have been asked for yet', async () => {
  const [kept, old, taken] = [await take('one'), await take('two'), await take('three')]
  // Of a command that was killed, or from a backup.
  const unfinished = '4711.unfinished'
  await mkdir(place(unfinished))
  for (const one of [kept, old, unfinished]) await age(one)
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

it('takes the same content again where a program has changed it, and lets that program run on', async () => {
  await mkdir(join(directory, 'packages'))
  await symlink('packages', join(directory, 'linked'))
  const first = await take('one')
  await rm(join(place(first), 'files', 'linked'))
  const second = await take('one')
  expect(second).toMatch(/^[0-9a-f]{32}$/)
  expect(second).not.toBe(first)
  expect(await readdir(join(place(second), 'files'))).toContain('linked')
  expect(await readdir(join(place(first), 'files'))).not.toContain('linked')
  expect(await take('one')).toBe(second)
  await rm(join(place(second), 'file.json'))
  const third = await take('one')
  expect(await readdir(place(third))).toContain('file.json')
  expect((await readdir(place('.'))).toSorted()).toEqual([first, second, third].toSorted())
})

it('runs no file in which a value of others could choose the code', async () => {
  const web = { name: 'web', image: 'web', process: { command: ['node'] } }
  const pin = async (more: object, variables: object = {}) => {
    const file = {
      ...{ name: 'site-01jq3v5k8m0000000000000001', version: 1, title: 'Shop', variables },
      ...{ access: 'owner' },
    }
    const parts = { containers: [{ ...web, ...more }], traffic: { container: 'web' }, data: { mode: 'exclusive' } }
    const snapshot = await takeSnapshot({ home, siteId, directory, file: { ...file, ...parts } })
    const sources = { siteId, images: {}, snapshot } as const
    return snapshotSoftware(home).pin(parseBlueprint({ ...file, ...parts }, 'a test'), sources, { ...file, ...parts })
  }
  await expect(pin({ variables: ['NODE_OPTIONS'] }, { NODE_OPTIONS: {} })).rejects.toMatchObject({
    kind: 'BlueprintInvalid',
    message: expect.stringContaining('process.environment'),
  })
  await expect(pin({ secrets: ['LD_PRELOAD'] })).rejects.toMatchObject({ kind: 'BlueprintInvalid' })
  // Its author wrote this one.
  const fixed = await pin(
    { environment: { NODE_OPTIONS: '--enable-source-maps' }, variables: ['NODE_ENV'] },
    { NODE_ENV: {} },
  )
  expect(fixed.containers[0]?.environment).toEqual({ NODE_OPTIONS: '--enable-source-maps' })
})
