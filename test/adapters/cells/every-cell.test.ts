import { beforeEach, expect, test } from 'vitest'
import { type CellParts, createEveryArchiver, createEveryCell } from '../../../adapters/cells/every-cell.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { ArchiveJob, Archiver } from '../../../core/ports/archives.ts'
import { homeName, homeNamed } from '../../../core/site/location.ts'
import { firstHome, newSiteId, probeLaunch } from '../../support/probe-launch.ts'

/** A cell in memory: every site on a host that is called like the cell. */
const memoryCell = (cell: string): CellParts => {
  const [running, stored] = [new Set<SiteId>(), new Set<string>()]
  const endpoint = { host: cell, port: 20_000 }
  return {
    runtime: {
      start: async ({ siteId }) => void running.add(siteId),
      locate: async ({ siteId }) => (running.has(siteId) ? endpoint : undefined),
      remove: async ({ siteId }) => void running.delete(siteId),
      list: async () => [...running].map((siteId) => ({ siteId, cell, state: 'running', endpoint })),
      runOnce: async () => ({ state: 'running' }),
      countEnds: async () => 0,
      readLogs: async () => [],
      observe: async ({ siteId }) => (running.has(siteId) ? { containers: [], port: endpoint.port } : undefined),
    },
    storage: {
      prepare: async (home) => void stored.add(homeName(home)),
      remove: async (home) => void stored.delete(homeName(home)),
      list: async () => [...stored].flatMap((name) => homeNamed(name, cell) ?? []),
    },
  }
}

let blue: CellParts
let green: CellParts
let all: CellParts
beforeEach(() => {
  ;[blue, green] = [memoryCell('blue'), memoryCell('green')]
  all = createEveryCell(async () => new Map(Object.entries({ blue, green })))
})

const homeIn = (cell: string, siteId = newSiteId()) => ({ ...firstHome(siteId), cell })

test('a site is in the cell that each call names, and nowhere else', async () => {
  const home = homeIn('green')
  const elsewhere = { ...home, cell: 'blue' }
  await all.storage.prepare(home)
  await all.runtime.start(probeLaunch(home))
  expect(await all.storage.list()).toEqual([home])
  expect(await all.runtime.locate(elsewhere)).toBeUndefined()
  expect(await all.runtime.locate(home)).toEqual({ host: 'green', port: 20_000 })
  await all.runtime.remove(elsewhere)
  await all.storage.remove(elsewhere)
  expect(await green.runtime.locate(home)).toBeDefined()
  await all.runtime.remove(home)
  await all.storage.remove(home)
  expect([await all.runtime.list(), await all.storage.list()]).toEqual([[], []])
})

test('a site that is in two cells is listed twice, each time with its cell', async () => {
  const siteId = newSiteId()
  for (const cell of ['blue', 'green']) await all.runtime.start(probeLaunch({ siteId, cell }))
  expect(await all.runtime.list()).toMatchObject([
    { siteId, cell: 'blue' },
    { siteId, cell: 'green' },
  ])
})

test('a cell that is not there is named, for every question about its site', async () => {
  const home = homeIn('red')
  const named = { kind: 'RuntimeUnavailable', message: expect.stringContaining("'red'") }
  await expect(all.runtime.start(probeLaunch(home))).rejects.toMatchObject(named)
  await expect(all.runtime.locate(home)).rejects.toMatchObject(named)
  await expect(all.runtime.remove(home)).rejects.toMatchObject(named)
  await expect(all.storage.prepare(home)).rejects.toMatchObject(named)
  await expect(all.storage.remove(home)).rejects.toMatchObject(named)
  expect([await blue.storage.list(), await green.storage.list()]).toEqual([[], []])
})

test('a job is done where its data directory is, and one without a directory in the cell that it names', async () => {
  const done: string[] = []
  const archiverOf = (cell: string): Archiver => ({
    run: async ({ kind }) => {
      done.push(`${kind} in ${cell}`)
      return { state: 'running' }
    },
  })
  const archivers = new Map(['blue', 'green'].map((cell) => [cell, archiverOf(cell)]))
  const { run } = createEveryArchiver(async () => archivers)
  const home = homeIn('green')
  const of = { id: 'a', siteId: home.siteId }
  const jobs: ArchiveJob[] = [
    { ...of, kind: 'release', home },
    { ...of, kind: 'verify', cell: 'blue', archiveId: 'arc_01jq3v5k8m0000000000000000' },
  ]
  for (const job of jobs) await run(job)
  expect(done).toEqual(['release in green', 'verify in blue'])
  await expect(run({ ...of, kind: 'measure', home: { ...home, cell: 'red' } })).rejects.toMatchObject({
    kind: 'RuntimeUnavailable',
  })
})
