import { beforeEach, expect, test } from 'vitest'
import { type CellParts, createEveryCell } from '../../../adapters/cells/every-cell.ts'
import type { SiteId } from '../../../core/ids.ts'
import { homeName, homeNamed } from '../../../core/site/location.ts'
import { firstHome, newSiteId, probeLaunch } from '../../support/probe-launch.ts'

/** A cell in memory: every site on a host that is called like the cell. */
const memoryCell = (name: string): CellParts => {
  const [running, stored] = [new Set<SiteId>(), new Set<string>()]
  const endpoint = { host: name, port: 20_000 }
  return {
    runtime: {
      start: async ({ siteId }) => void running.add(siteId),
      locate: async (siteId) => (running.has(siteId) ? endpoint : undefined),
      remove: async (siteId) => void running.delete(siteId),
      list: async () => [...running].map((siteId) => ({ siteId, state: 'running', endpoint })),
      runOnce: async () => ({ state: 'running' }),
      countEnds: async () => 0,
      readLogs: async () => [],
      observe: async (siteId) => (running.has(siteId) ? { containers: [], port: endpoint.port } : undefined),
    },
    storage: {
      prepare: async (home) => void stored.add(homeName(home)),
      remove: async (home) => void stored.delete(homeName(home)),
      list: async () => [...stored].flatMap((name) => homeNamed(name) ?? []),
    },
  }
}

let blue: CellParts
let green: CellParts
let records: Map<SiteId, string>
let all: CellParts
beforeEach(() => {
  ;[blue, green, records] = [memoryCell('blue'), memoryCell('green'), new Map()]
  all = createEveryCell({
    cellOf: async (siteId) => records.get(siteId),
    cells: async () => new Map(Object.entries({ blue, green })),
  })
})

const siteIn = (cell: string): SiteId => {
  const siteId = newSiteId()
  records.set(siteId, cell)
  return siteId
}

test('a site is where its record says, and nowhere else', async () => {
  const siteId = siteIn('green')
  await all.storage.prepare(firstHome(siteId))
  await all.runtime.start(probeLaunch({ siteId }))
  expect(await green.storage.list()).toEqual([firstHome(siteId)])
  expect(await blue.storage.list()).toEqual([])
  expect(await blue.runtime.locate(siteId)).toBeUndefined()
  expect(await all.runtime.locate(siteId)).toEqual({ host: 'green', port: 20_000 })
  await all.runtime.remove(siteId)
  await all.storage.remove(firstHome(siteId))
  expect(await all.runtime.list()).toEqual([])
  expect(await all.storage.list()).toEqual([])
})

test('all cells are listed as one', async () => {
  const sites = [siteIn('blue'), siteIn('green')]
  for (const siteId of sites) {
    await all.storage.prepare(firstHome(siteId))
    await all.runtime.start(probeLaunch({ siteId }))
  }
  expect((await all.runtime.list()).map(({ siteId }) => siteId).toSorted()).toEqual(sites.toSorted())
  expect((await all.storage.list()).map(homeName).toSorted()).toEqual(sites.toSorted())
})

test('a stray that has no record is found and removed in whatever cell it is', async () => {
  const stray = newSiteId()
  await green.storage.prepare(firstHome(stray))
  await green.runtime.start(probeLaunch({ siteId: stray }))
  expect(await all.runtime.locate(stray)).toMatchObject({ host: 'green' })
  await all.runtime.remove(stray)
  await all.storage.remove(firstHome(stray))
  expect([await green.runtime.list(), await green.storage.list()]).toEqual([[], []])
})

test('nothing is made for a site without a record', async () => {
  await expect(all.runtime.start(probeLaunch())).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
  await expect(all.storage.prepare(firstHome())).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
  expect([await all.runtime.list(), await all.storage.list()]).toEqual([[], []])
})

test('a cell that is not there is named, for every question about its site', async () => {
  const siteId = siteIn('red')
  const named = { kind: 'RuntimeUnavailable', message: expect.stringContaining("'red'") }
  await expect(all.runtime.start(probeLaunch({ siteId }))).rejects.toMatchObject(named)
  await expect(all.runtime.locate(siteId)).rejects.toMatchObject(named)
  await expect(all.runtime.remove(siteId)).rejects.toMatchObject(named)
  await expect(all.storage.remove(firstHome(siteId))).rejects.toMatchObject(named)
})
