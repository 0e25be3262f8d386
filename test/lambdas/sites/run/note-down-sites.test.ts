import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ActiveSite } from '../../../../core/site/site.ts'
import { beginCopy, endPause, pauseForCopy } from '../../../../lambdas/endings/copy/take-copy.ts'
import { failOperation } from '../../../../lambdas/endings/fail-operation.ts'
import { noteDownSites } from '../../../../lambdas/sites/run/reconcile-sites.ts'
import { changeAddress } from '../../../../lambdas/sites/run/run-changes.ts'
import { inParts } from '../../../../lambdas/sites/run/sweep-parts.ts'
import { operations } from '../../../core/site/kept-sites.ts'
import { buildForPool, claimForOwner } from '../../../support/build-for-pool.ts'
import { openProvisioning, type Provisioning } from '../../../support/provisioning.ts'
import { attemptAt } from '../../../support/reclaim-scene.ts'

let stage: Provisioning
beforeEach(async () => {
  stage = await openProvisioning()
})
afterEach(() => stage[Symbol.asyncDispose]())

const minutes = (count: number): number => count * 60_000
const context = () => ({ actor: { kind: 'system' } as const, causationId: 'test', ...stage.ports })

const read = async ({ id }: ActiveSite): Promise<ActiveSite> => {
  const site = await stage.ports.sites.get(id)
  if (site?.status !== 'active') throw new Error(`${id} is ${site?.status}`)
  return site
}

const move = async (site: ActiveSite, endpoint: ActiveSite['endpoint']): Promise<void> => {
  const change = changeAddress(await read(site), endpoint, context())
  if (change !== undefined) await stage.ports.sites.commit(change)
}

/** An owner's site, which has just lost its address. */
const lostSite = async (slug = 'a'): Promise<ActiveSite> => {
  await buildForPool(stage)
  const site = await claimForOwner(stage, slug, stage.ports.randomness.id('acct'))
  await move(site, undefined)
  return site
}

const sweep = async (sites: readonly ActiveSite[]): Promise<void> => {
  const open = await Promise.all(sites.map(read))
  const parts = inParts({ atOnce: 2, log: stage.ports.log })
  await noteDownSites(stage.ports, open, parts, 'tick')
  parts.end()
}

describe('a site that does not answer', () => {
  it('is noted once, after five minutes', async () => {
    const site = await lostSite()
    stage.ports.clocks.pass(minutes(4.9))
    await sweep([site])
    expect((await read(site)).down).toEqual({ since: expect.any(String) })
    stage.ports.clocks.pass(minutes(0.1))
    await sweep([site])
    const { down, version } = await read(site)
    expect(down).toMatchObject({ isTold: true })
    stage.ports.clocks.pass(minutes(60))
    await sweep([site])
    expect((await read(site)).version).toBe(version)
  })

  it('is noted again if it answered meanwhile', async () => {
    const site = await lostSite()
    stage.ports.clocks.pass(minutes(5))
    await sweep([site])
    await move(site, { host: '127.0.0.1', port: 41_001 })
    expect(await read(site)).not.toHaveProperty('down')
    await move(site, undefined)
    expect((await read(site)).down).not.toHaveProperty('isTold')
    stage.ports.clocks.pass(minutes(5))
    await sweep([site])
    expect((await read(site)).down).toMatchObject({ isTold: true })
  })

  it('is not noted while a workflow works on it', async () => {
    const site = await lostSite()
    await stage.ports.sites.commit(beginCopy(await read(site), context()))
    stage.ports.clocks.pass(minutes(10))
    await sweep([site])
    expect((await read(site)).down).not.toHaveProperty('isTold')
  })

  it('is noted five minutes after a copy failed that had stopped it, however long it was stopped before', async () => {
    const site = await lostSite()
    stage.ports.clocks.pass(minutes(5))
    await sweep([site])
    const { commit } = stage.ports.sites
    const copied = async () => ({ ...(await read(site)), operation: { ...operations.copy, id: 'copy-site-1' } })
    const pause = async () => commit(pauseForCopy(await copied(), context()))
    await pause()
    await commit(endPause(await copied(), { host: '127.0.0.1', port: 41_001 }, context()))
    await pause()
    expect(await read(site)).not.toHaveProperty('down')
    stage.ports.clocks.pass(minutes(60))
    const archives = { remove: async () => undefined }
    await failOperation({ ...stage.ports, archives } as never, attemptAt(await read(site)), 'ArchivingFailed')
    await sweep([site])
    expect((await read(site)).down).toEqual({ since: stage.ports.clocks.wall() })
    stage.ports.clocks.pass(minutes(5))
    await sweep([site])
    expect((await read(site)).down).toMatchObject({ isTold: true })
  })

  it('is not noted if the list of the sweep is out of date', async () => {
    const site = await lostSite()
    const listed = await read(site)
    stage.ports.clocks.pass(minutes(10))
    await move(site, { host: '127.0.0.1', port: 41_001 })
    const { version } = await read(site)
    await noteDownSites(stage.ports, [listed], inParts({ atOnce: 1, log: stage.ports.log }), 'tick')
    expect((await read(site)).version).toBe(version)
  })
})

it('notes none of many sites that are down together, and logs it', async () => {
  const sites: ActiveSite[] = []
  for (const slug of ['a', 'b', 'c', 'd', 'e', 'f']) sites.push(await lostSite(slug))
  stage.ports.clocks.pass(minutes(5))
  await sweep(sites)
  for (const site of sites) expect((await read(site)).down).not.toHaveProperty('isTold')
  expect(stage.ports.log.lines).toMatchObject([{ fields: { event: 'many-sites-down', down: 6, owned: 6 } }])
})
