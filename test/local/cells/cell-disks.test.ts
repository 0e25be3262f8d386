import { chmod, mkdir, mkdtempDisposable, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Archiver } from '../../../core/ports/archives.ts'
import type { SiteCommands, SiteRuntime } from '../../../core/ports/runtime.ts'
import { type CellDisks, markerName, openCellDisks } from '../../../local/cells/cell-disks.ts'
import { archiverIn, runtimeIn, storageIn } from '../../../local/cells/in-cells.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { firstHome, probeLaunch } from '../../support/probe-launch.ts'

const opened = async () => {
  const temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-cells-'))
  const directory = join(temporary.path, 'home')
  const data = join(directory, 'data')
  const fast = join(temporary.path, 'fast')
  await mkdir(data, { recursive: true })
  await mkdir(fast)
  const log = recordingLog()
  const all: CellDisks[] = []
  const home = { id: '0123456789abcdef', directory, directories: { data } as never }
  const open = async (cells: Readonly<Record<string, string>> = { fast }, of = home) => {
    const settings = Object.entries(cells).map(([name, at]) => ({ name, directory: at, isNamed: false }))
    const disks = await openCellDisks(of, settings, log)
    all.push(disks)
    return disks
  }
  const close = async () => {
    for (const disks of all) disks.close()
    await temporary.remove()
  }
  const events = () => log.lines.map(({ fields }) => fields['event'])
  return { home, fast, path: temporary.path, open, events, [Symbol.asyncDispose]: close }
}

it('marks an empty directory at the first use, and finds it again', async () => {
  await using scene = await opened()
  expect((await scene.open()).isThere('fast')).toBe(true)
  expect(await readdir(scene.fast)).toEqual(['data', markerName])
  expect((await scene.open()).isThere('fast')).toBe(true)
  expect(scene.events()).toEqual([])
})

it('takes a cell without its marker for not mounted, and makes nothing in its place', async () => {
  await using scene = await opened()
  const home = { ...firstHome(), cell: 'fast' }
  await storageIn(await scene.open()).prepare(home)
  await rename(scene.fast, `${scene.fast}.away`)
  await mkdir(scene.fast)
  const disks = await scene.open()
  const storage = storageIn(disks)
  const away = { kind: 'RuntimeUnavailable', message: "The disk of the cell 'fast' is not mounted." }
  await expect(storage.prepare(home)).rejects.toMatchObject(away)
  await expect(storage.remove(home)).rejects.toMatchObject(away)
  const started: object[] = []
  const runtime = runtimeIn(disks, {
    start: async (launch: object) => void started.push(launch),
  } as unknown as SiteRuntime & SiteCommands)
  await expect(runtime.start(probeLaunch(home))).rejects.toMatchObject(away)
  const archiver: Archiver = { run: async () => ({ state: 'running' }) }
  const { run } = archiverIn(disks, archiver)
  await expect(run({ kind: 'release', id: 'a', siteId: home.siteId, home })).rejects.toMatchObject(away)
  expect([await storage.list(), await readdir(scene.fast), started]).toEqual([[], [], []])
  expect(scene.events()).toEqual(['cell-not-mounted'])

  await rm(scene.fast, { recursive: true })
  await rename(`${scene.fast}.away`, scene.fast)
  await storage.prepare(home)
  expect(await storage.list()).toEqual([home])
  expect(scene.events()).toEqual(['cell-not-mounted', 'cell-mounted'])
})

it('keeps a cell in mind that the settings no longer have', async () => {
  await using scene = await opened()
  await scene.open()
  const disks = await scene.open({})
  expect([disks.isThere('fast'), disks.isThere('local'), scene.events()]).toEqual([false, true, ['cell-not-mounted']])
  expect((await scene.open()).isThere('fast')).toBe(true)
})

it('refuses a directory that cannot be a cell of this home, and says why', async () => {
  await using scene = await opened()
  const at = (name: string) => join(scene.path, name)
  await mkdir(at('full'))
  await writeFile(join(at('full'), 'a'), '')
  await expect(scene.open({ a: at('none') })).rejects.toThrow('is not a directory')
  await expect(scene.open({ a: at('full') })).rejects.toThrow('is not empty')
  await expect(scene.open({ a: join(scene.home.directory, 'a') })).rejects.toThrow('inside the home directory')
  await scene.open()
  await expect(scene.open({ fast: scene.fast }, { ...scene.home, id: 'fedcba9876543210' })).rejects.toThrow(
    'belongs to another home',
  )
  await expect(scene.open({ slow: scene.fast })).rejects.toThrow("has the data of the cell 'fast'")
  await writeFile(join(scene.fast, markerName), 'x')
  await expect(scene.open()).rejects.toThrow('damaged')
})

it.skipIf(process.getuid?.() === 0)('refuses a directory that it cannot write', async () => {
  await using scene = await opened()
  await chmod(scene.fast, 0o500)
  await expect(scene.open()).rejects.toThrow('is not writable')
})
