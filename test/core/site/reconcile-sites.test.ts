import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import type { RunningSite } from '../../../core/ports/runtime.ts'
import { claimFromPool } from '../../../core/site/claim-from-pool.ts'
import { failSite } from '../../../core/site/provision-tasks.ts'
import { reconcileSites } from '../../../core/site/reconcile-sites.ts'
import { retireSite } from '../../../core/site/retire-site.ts'
import type { ActiveSite, Endpoint } from '../../../core/site/site.ts'
import { buildForPool, requestForPool } from '../../support/build-for-pool.ts'
import type { Provisioning } from '../../support/provisioning.ts'
import { openProvisioning } from '../../support/provisioning.ts'

let stage: Provisioning
/** A platform that looks after its sites by itself, and says so when it lists them. */
let listing: RunningSite[] | undefined
/** How often a site was started. */
let starts: number
/** The machine: what runs on it and where, and whose data directories are there. */
let running: Map<SiteId, Endpoint>
let directories: Set<SiteId>
/** What else happens while a site is started. */
let whileStarting: () => Promise<unknown>
/** Sites that cannot be started, do not answer, or cannot be removed. */
let broken: { start: Set<SiteId>; answer: Set<SiteId>; remove: Set<SiteId>; locate: Set<SiteId> }
/** Milliseconds that have passed, and how many each look at a site takes. */
let time: { passed: number; aLook: number }
let isStopping: boolean

beforeEach(async () => {
  stage = await openProvisioning()
  running = new Map()
  whileStarting = async () => undefined
  directories = new Set()
  broken = { start: new Set(), answer: new Set(), remove: new Set(), locate: new Set() }
  time = { passed: 0, aLook: 1 }
  isStopping = false
  listing = undefined
  starts = 0
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

const claim = async (): Promise<ActiveSite> => {
  const { clocks, randomness, policies, sites } = stage.ports
  const claimed = await claimFromPool(
    { sites, cell: 'local', policy: policies.current },
    {
      ownership: { accountId: stage.accountId, slug: 'a', hostname: 'a.test', name: 'A', since: clocks.domain() },
      blueprint: 'welcome',
      context: { actor: { kind: 'system' }, causationId: 'test', clocks, randomness },
    },
  )
  if (typeof claimed === 'string') throw new Error(claimed)
  return claimed
}

const refuse = (siteId: SiteId, among: Set<SiteId>): void => {
  if (among.has(siteId)) throw new Error(`${siteId} is broken`)
}
const home: Endpoint = { host: '127.0.0.1', port: 41_000 }

const reconcile = () =>
  reconcileSites(
    {
      ...stage.ports,
      cells: [stage.ports.cell],
      secrets: { valueOf: async () => 'secret' },
      rootPublicKey: 'key',
      startsAtOnce: 2,
      lookEveryMilliseconds: 20,
      pause: async (milliseconds) => {
        time.passed += milliseconds
      },
      monotonic: () => time.passed,
      isStopping: () => isStopping,
      probe: {
        isHealthy: async (endpoint) => {
          time.passed += time.aLook
          return [...running].some(([id, at]) => at === endpoint && !broken.answer.has(id))
        },
      },
      runtime: {
        start: async ({ siteId }) => {
          starts += 1
          refuse(siteId, broken.start)
          await whileStarting()
          if (!running.has(siteId)) running.set(siteId, { host: '127.0.0.1', port: 50_000 + running.size })
        },
        locate: async (siteId) => (broken.locate.has(siteId) ? undefined : running.get(siteId)),
        remove: async (siteId) => {
          refuse(siteId, broken.remove)
          running.delete(siteId)
        },
        list: async () => listing ?? [...running.keys()].map((siteId) => ({ siteId, state: 'running' as const })),
      },
      storage: {
        prepare: async () => undefined,
        remove: async (siteId) => {
          refuse(siteId, broken.remove)
          directories.delete(siteId)
        },
        list: async () => [...directories],
      },
    },
    'tick',
  )

const failed = async (): Promise<SiteId> => {
  const { id } = await requestForPool(stage)
  await failSite(stage.ports, { siteId: id, fence: 1 }, 'LaunchFailed')
  return id
}

describe('reconciling', () => {
  it('starts every site that should run and does not, and notes where', async () => {
    const sites = [await buildForPool(stage), await buildForPool(stage), await buildForPool(stage)]
    await reconcile()
    for (const { id, version } of sites) {
      expect(await stage.ports.sites.get(id)).toMatchObject({ version: version + 1, endpoint: running.get(id) })
    }
  })

  it('writes nothing where all is well', async () => {
    const site = await buildForPool(stage)
    running.set(site.id, home)
    await reconcile()
    expect(await stage.ports.sites.get(site.id)).toEqual(site)
    expect(stage.ports.log.lines).toEqual([])
  })

  it('asks nothing more of a site that its platform knows to run where it is recorded', async () => {
    const site = await buildForPool(stage)
    listing = [{ siteId: site.id, state: 'running', endpoint: { host: '127.0.0.1', port: 41_000 } }]
    await reconcile()
    expect(starts).toBe(0)
    expect(await stage.ports.sites.get(site.id)).toEqual(site)
  })

  it('notes where a site runs by now if its platform says another place than the record', async () => {
    const site = await buildForPool(stage)
    listing = [{ siteId: site.id, state: 'running', endpoint: { host: '127.0.0.1', port: 41_001 } }]
    running.set(site.id, { host: '127.0.0.1', port: 41_001 })
    await reconcile()
    expect(await stage.ports.sites.get(site.id)).toMatchObject({ endpoint: { port: 41_001 } })
  })

  it('judges no site that its platform is bringing up, tells it once more, and mentions it where it has an owner', async () => {
    await buildForPool(stage)
    const owned = await claim()
    const { id } = await buildForPool(stage)
    listing = [owned.id, id].map((siteId) => ({ siteId, state: 'starting' as const }))
    broken.answer.add(id)
    await reconcile()
    expect(starts).toBe(2)
    expect(time.passed).toBe(0)
    expect(await stage.listed('ready')).toHaveLength(1)
    expect(stage.ports.log.lines).toMatchObject([{ level: 'warn', fields: { siteId: owned.id } }])
  })

  it('keeps no address of a site that is brought up again and runs nowhere', async () => {
    await buildForPool(stage)
    const owned = await claim()
    listing = [{ siteId: owned.id, state: 'starting' }]
    broken.locate.add(owned.id)
    await reconcile()
    expect(await stage.ports.sites.get(owned.id)).not.toHaveProperty('endpoint')
  })

  it('does not touch another cell, nor what is being built', async () => {
    await buildForPool(stage)
    const building = await requestForPool(stage)
    running.set(building.id, home)
    stage.ports.cell = 'elsewhere'
    await reconcile()
    expect([...running.keys()]).toEqual([building.id])
  })

  it('removes what runs of a site that failed or that nobody knows, and keeps unknown data', async () => {
    const stranger = stage.ports.randomness.id('site')
    const gone = await failed()
    for (const id of [stranger, gone]) {
      running.set(id, home)
      directories.add(id)
    }
    await reconcile()
    expect([...running.keys()]).toEqual([])
    expect([...directories]).toEqual([stranger])
  })

  it('removes what runs of a site that was retired, and its data, without alarm', async () => {
    const site = await buildForPool(stage)
    const context = { actor: { kind: 'system' } as const, causationId: 'test', ...stage.ports }
    expect(await stage.ports.sites.commit(retireSite(site, context))).toEqual({ done: true })
    running.set(site.id, home)
    directories.add(site.id)
    await reconcile()
    expect([...running.keys(), ...directories]).toEqual([])
    expect(stage.ports.log.lines).toMatchObject([{ level: 'info', fields: { siteId: site.id } }])
  })

  it('keeps the data of every site that was ever open', async () => {
    const ready = await buildForPool(stage)
    directories.add(ready.id)
    await reconcile()
    expect([...directories]).toEqual([ready.id])
  })

  it('starts the others where one cannot be started, and says at the end that something is left', async () => {
    const sites = [await buildForPool(stage), await buildForPool(stage), await buildForPool(stage)]
    broken.start.add(sites[0]?.id ?? 'site_')
    await expect(reconcile()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(running.size).toBe(2)
    expect(stage.ports.log.lines).toMatchObject([{ level: 'error', fields: { siteId: sites[0]?.id } }])
  })

  it('starts the others where something that is left cannot be removed', async () => {
    const left = await failed()
    running.set(left, home)
    directories.add(left)
    broken.remove.add(left)
    const site = await buildForPool(stage)
    await expect(reconcile()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(running.has(site.id)).toBe(true)
  })

  it('takes a site that does not answer out of the pool, so that nobody is given it', async () => {
    const site = await buildForPool(stage)
    broken.answer.add(site.id)
    await reconcile()
    expect(await stage.ports.sites.get(site.id)).toMatchObject({ status: 'purged' })
    expect(await stage.ports.sites.countReady({ cell: 'local', blueprint: 'welcome' })).toBe(0)
  })

  it('watches a site that accepts and stays silent no longer than one that refuses', async () => {
    broken.answer.add((await buildForPool(stage)).id)
    time.aLook = 1500
    await reconcile()
    expect(time.passed).toBeGreaterThanOrEqual(10_000)
    expect(time.passed).toBeLessThan(12_000)
  })

  it('judges no site, and starts none, while the host goes down', async () => {
    const sites = [await buildForPool(stage), await buildForPool(stage), await buildForPool(stage)]
    for (const { id } of sites) broken.answer.add(id)
    whileStarting = async () => {
      isStopping = true
    }
    await reconcile()
    expect(await stage.listed('ready')).toEqual(expect.arrayContaining(sites))
    // Two are started at once, and the third is left to the next start.
    expect(running.size).toBeLessThanOrEqual(2)
    expect(stage.ports.log.lines).toEqual([])
  })

  it('notes the address of a site that is claimed in that very moment', async () => {
    const { id } = await buildForPool(stage)
    whileStarting = claim
    await reconcile()
    expect(await stage.ports.sites.get(id)).toMatchObject({ status: 'active', endpoint: running.get(id) })
  })

  it('keeps an owner’s site that does not answer, and its data', async () => {
    await buildForPool(stage)
    const claimed = await claim()
    directories.add(claimed.id)
    broken.answer.add(claimed.id)
    await reconcile()
    expect(await stage.ports.sites.get(claimed.id)).toEqual(claimed)
    expect(stage.ports.log.lines).toMatchObject([{ level: 'error', message: 'a site does not answer' }])
    expect([...directories]).toEqual([claimed.id])
  })
})
