import { chmod, mkdir, mkdtempDisposable, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { Archiver } from '../../../core/ports/archives.ts'
import type { SiteCommands, SiteRuntime } from '../../../core/ports/runtime.ts'
import type { Site, SiteStatus } from '../../../core/site/site.ts'
import { type CellDisks, markerName, openCellDisks, readKnownCells } from '../../../local/cells/cell-disks.ts'
import { followDisks } from '../../../local/cells/follow-disks.ts'
import { archiverIn, type HostCells, runtimeIn, storageIn } from '../../../local/cells/host-cells.ts'
import { hasSmallDisks, mountDisk } from '../../bad-world/small-disk.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { firstHome, probeLaunch } from '../../support/probe-launch.ts'
import { siteSamples } from '../../support/site-samples.ts'

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
  await Promise.all([storage.prepare(home), disks.find('fast')?.check()])
  expect(await storage.list()).toEqual([home])
  expect(scene.events()).toEqual(['cell-not-mounted', 'cell-mounted'])
})

/** Does what a host does once its records can be read: these sites have them. */
const follow = async (disks: CellDisks, ...sites: readonly Site[]) => {
  const listed = {
    listByStatus: async function* (status: SiteStatus) {
      yield* sites.filter((site) => site.status === status)
    },
  }
  const [cells, ports] = [
    disks as HostCells,
    { sites: listed, randomness: createRandomness(), cellCounts: { read: async () => [] } },
  ]
  ;(await followDisks(cells, ports as unknown as Parameters<typeof followDisks>[1], async () => undefined))()
}
const inCell = (cell: string, sites: readonly Site[]): readonly Site[] => sites.map((site) => ({ ...site, cell }))
const { building, ready, active, asleep, suspended, ...others } = siteSamples
const moving = { ...active, operation: { kind: 'upgrade', target: { cell: 'fast' } } } as unknown as typeof active
const restoring = {
  ...siteSamples.archived,
  cell: 'fast',
  operation: { kind: 'restore' },
} as unknown as typeof siteSamples.archived

it.each([...inCell('fast', [building, ready, active, asleep, suspended]), moving, restoring])(
  'keeps a cell in mind that the settings no longer have, while a site is in it or on its way there ($status)',
  async (site) => {
    await using scene = await opened()
    await scene.open()
    const disks = await scene.open({})
    await follow(disks, site)
    expect([disks.isThere('fast'), disks.isThere('local'), scene.events()]).toEqual([false, true, ['cell-not-mounted']])
    expect(await readKnownCells(scene.home.directory)).toEqual([{ name: 'fast', directory: scene.fast }])
    // The empty directory that is left where a disk was mounted is not taken for it.
    await rename(scene.fast, `${scene.fast}.away`)
    await mkdir(scene.fast)
    expect((await scene.open()).isThere('fast')).toBe(false)
    expect(await readdir(scene.fast)).toEqual([])
  },
)

it('forgets a cell without sites that the settings no longer have, and takes an empty directory for its name', async () => {
  await using scene = await opened()
  const slow = join(scene.path, 'slow')
  await mkdir(slow)
  await scene.open({ fast: scene.fast, slow })
  // What is in other cells, archived, purged or was never built keeps no disk.
  await follow(await scene.open({ slow }), active, { ...ready, cell: 'slow' }, ...inCell('fast', Object.values(others)))
  expect(await readKnownCells(scene.home.directory)).toEqual([{ name: 'slow', directory: slow }])
  expect(scene.events()).toEqual([undefined])
  await follow(await scene.open({}))
  expect(await readKnownCells(scene.home.directory)).toEqual([])

  await rm(scene.fast, { recursive: true })
  await mkdir(scene.fast)
  expect((await scene.open()).isThere('fast')).toBe(true)
  expect(await readdir(scene.fast)).toEqual(['data', markerName])
})

it('finds the data of a cell again that it had forgotten', async () => {
  await using scene = await opened()
  const home = { ...firstHome(), cell: 'fast' }
  await storageIn(await scene.open()).prepare(home)
  await follow(await scene.open({}))
  expect(await storageIn(await scene.open()).list()).toEqual([home])
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

it.runIf(hasSmallDisks())(
  'says of a disk that can only be read how to make it writable, also for a service',
  async () => {
    await using scene = await opened()
    await using disk = await mountDisk({ readOnly: true })
    await expect(scene.open({ fast: disk.path })).rejects.toThrow(
      "of the cell 'fast' is on a read-only disk; mount it for writing, or add it to the ReadWritePaths of the systemd service",
    )
  },
)
