import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CapacityUse } from '../../../../core/config/count-cells.ts'
import type { SiteId } from '../../../../core/ids.ts'
import type { Launch, RunningSite } from '../../../../core/ports/runtime.ts'
import type { CellCount } from '../../../../core/ports/site-lists.ts'
import { endOperation, type SiteUnder } from '../../../../core/site/change-site.ts'
import type { SiteChange } from '../../../../core/site/lifecycle.ts'
import { isSameEndpoint, type SitePlace } from '../../../../core/site/location.ts'
import type { ActiveSite, AsleepSite, Endpoint, ReadySite } from '../../../../core/site/site.ts'
import { changePlan } from '../../../../lambdas/endings/act-on-site.ts'
import { beginCopy, pauseForCopy } from '../../../../lambdas/endings/copy/take-copy.ts'
import { suspendSite } from '../../../../lambdas/endings/end-site.ts'
import type { CellRollout, Rollout } from '../../../../lambdas/releases/rollout.ts'
import { beginUpgrade } from '../../../../lambdas/releases/swap/begin-swap.ts'
import { followPlan } from '../../../../lambdas/releases/swap/follow-plan.ts'
import { holdRequests, type SwappingSite } from '../../../../lambdas/releases/swap/swap-changes.ts'
import { failSite } from '../../../../lambdas/sites/build/fail-site.ts'
import { retireSite } from '../../../../lambdas/sites/claim/pooled-site.ts'
import { bringUpSite } from '../../../../lambdas/sites/run/bring-up.ts'
import { type ReconcileSitesPorts, reconcileSites } from '../../../../lambdas/sites/run/reconcile-sites.ts'
import { changeAddress } from '../../../../lambdas/sites/run/run-changes.ts'
import { beginSleep, fallAsleep } from '../../../../lambdas/sleep/sleep-site.ts'
import { beginWake } from '../../../../lambdas/sleep/wake-site.ts'
import { buildForPool, claimForOwner, prepareForPool, requestForPool } from '../../../support/build-for-pool.ts'
import { plainSecrets } from '../../../support/plain-secrets.ts'
import { openProvisioning, type Provisioning, unobserved, welcome } from '../../../support/provisioning.ts'

let stage: Provisioning
/** A platform that looks after its sites by itself, and says so when it lists them. */
let listing: RunningSite[] | undefined
/** The sites that were started. */
let starts: SiteId[]
/** The ports of the addresses that were checked. */
let asked: number[]
/** The machine: what runs on it and where. */
let running: Map<SiteId, Endpoint>
/** What else happens while a site is started. */
let whileStarting: () => Promise<unknown>
/** Sites that cannot be started, do not answer, or cannot be removed. */
let broken: { start: Set<SiteId>; answer: Set<SiteId>; remove: Set<SiteId>; locate: Set<SiteId> }
/** Milliseconds that have passed, and how many each check of a site takes. */
let time: { passed: number; aCheck: number }
let isStopping: boolean
/** What else happens between two checks. */
let onPause: () => unknown
let rollouts: Rollout[]
let slowSince: Map<SiteId, number>

beforeEach(async () => {
  stage = await openProvisioning()
  running = new Map()
  whileStarting = async () => undefined
  broken = { start: new Set(), answer: new Set(), remove: new Set(), locate: new Set() }
  time = { passed: 0, aCheck: 1 }
  isStopping = false
  onPause = () => undefined
  rollouts = []
  slowSince = new Map()
  listing = undefined
  starts = []
  asked = []
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

const context = () => ({ actor: { kind: 'system' } as const, causationId: 'test', ...stage.ports })

const commit = async <Change extends SiteChange>(change: Change): Promise<Change['after']> => {
  expect(await stage.ports.sites.commit(change)).toEqual({ done: true })
  return change.after
}

const claim = () => claimForOwner(stage)

const refuse = (siteId: SiteId, among: Set<SiteId>): void => {
  if (among.has(siteId)) throw new Error(`${siteId} is broken`)
}
const counted: CellCount[] = []
const capacityUses: CapacityUse[] = []
const home: Endpoint = { host: '127.0.0.1', port: 41_000 }

const start = async ({ siteId }: Launch): Promise<void> => {
  starts.push(siteId)
  refuse(siteId, broken.start)
  await whileStarting()
  if (!running.has(siteId)) running.set(siteId, { host: '127.0.0.1', port: 50_000 + running.size })
}

const ports = (): ReconcileSitesPorts => ({
  ...stage.ports,
  cells: stage.ports.capacities.map(({ name }) => name),
  capacityUse: (counts) => {
    counted.push(...counts)
    return capacityUses.splice(0)
  },
  ...plainSecrets(async () => 'secret'),
  rootPublicKey: 'key',
  siteUrl: (hostname) => `https://${hostname}`,
  startsAtOnce: 2,
  rollouts: { list: async () => rollouts },
  brake: { isOn: async () => false },
  pollMilliseconds: 20,
  pause: async (milliseconds: number) => {
    time.passed += milliseconds
    await onPause()
  },
  monotonic: () => time.passed,
  slowSince,
  isStopping: () => isStopping,
  probe: {
    isHealthy: async (endpoint) => {
      time.passed += time.aCheck
      asked.push(endpoint.port)
      return [...running].some(([id, at]) => isSameEndpoint(at, endpoint) && !broken.answer.has(id))
    },
  },
  runtime: {
    start,
    // Only a platform that says where sites run starts them in bulk.
    ...(listing === undefined ? {} : { startInBulk: start }),
    locate: async ({ siteId }) => (broken.locate.has(siteId) ? undefined : running.get(siteId)),
    remove: async ({ siteId }) => {
      refuse(siteId, broken.remove)
      running.delete(siteId)
    },
    list: async () =>
      listing ?? [...running.keys()].map((siteId) => ({ siteId, cell: 'local', state: 'running' as const })),
  },
})

const reconcile = () => reconcileSites(ports(), 'tick')

const beingCopied = async () => {
  const site = await commit(beginCopy(await claim(), context()))
  return site as typeof site & SiteUnder<'copy'>
}

const withoutAddress = async () => commit(changeAddress(await claim(), undefined, context())!)

const failed = async (): Promise<SiteId> => {
  const { id } = await requestForPool(stage)
  await failSite({ ...stage.ports, ...unobserved }, { siteId: id, fence: 1 }, 'LaunchFailed')
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

  it('does not start what waits in the pool for its claim', async () => {
    const { id } = await prepareForPool(stage, 2)
    await reconcileSites(ports(), 'tick')
    expect(starts).toEqual([])
    expect(await stage.ports.sites.get(id)).toMatchObject({ status: 'ready' })
  })

  it('writes nothing where all is well', async () => {
    const site = await buildForPool(stage)
    running.set(site.id, home)
    await reconcile()
    expect(await stage.ports.sites.get(site.id)).toEqual(site)
    expect(stage.ports.log.lines).toEqual([])
  })

  it('does not probe a site that its platform reports as recorded', async () => {
    const site = await buildForPool(stage)
    listing = [{ siteId: site.id, cell: 'local', state: 'running', endpoint: { host: '127.0.0.1', port: 41_000 } }]
    running.set(site.id, home)
    await reconcile()
    expect(starts).toEqual([])
    expect(asked).toEqual([41_000])
    expect(await stage.ports.sites.get(site.id)).toEqual(site)
  })

  it('records the address that the platform reports', async () => {
    const site = await buildForPool(stage)
    listing = [{ siteId: site.id, cell: 'local', state: 'running', endpoint: { host: '127.0.0.1', port: 41_001 } }]
    running.set(site.id, { host: '127.0.0.1', port: 41_001 })
    await reconcile()
    expect(await stage.ports.sites.get(site.id)).toMatchObject({ endpoint: { port: 41_001 } })
  })

  it('judges no site that its platform is bringing up, waits for none, and tells it once more', async () => {
    await buildForPool(stage)
    const owned = await claim()
    const { id } = await buildForPool(stage)
    listing = [owned.id, id].map((siteId) => ({ siteId, cell: 'local', state: 'starting' as const }))
    broken.answer.add(id)
    await reconcile()
    expect(starts).toHaveLength(2)
    expect(time.passed).toBe(0)
    expect(await stage.listed('ready')).toHaveLength(1)
    expect(stage.ports.log.lines).toMatchObject([
      { level: 'info', fields: { event: 'sites-down', starting: 2, down: 0 } },
    ])
  })

  it('keeps no address of a site that is restored and runs nowhere', async () => {
    await buildForPool(stage)
    const owned = await claim()
    listing = [{ siteId: owned.id, cell: 'local', state: 'starting' }]
    broken.locate.add(owned.id)
    await reconcile()
    expect(await stage.ports.sites.get(owned.id)).not.toHaveProperty('endpoint')
  })

  it('starts what its platform does not start, paid sites before others, and waits for none', async () => {
    await buildForPool(stage)
    const { id } = await claim()
    await commit(
      changePlan((await stage.ports.sites.get(id)) as ActiveSite, { plan: 'growth', reason: 'Paid.' }, context()),
    )
    const pooled = [await buildForPool(stage), await buildForPool(stage)]
    listing = [{ siteId: id, cell: 'local', state: 'stopped' }]
    for (const site of pooled) broken.answer.add(site.id)
    await reconcileSites({ ...ports(), startsAtOnce: 1 }, 'tick')
    expect(starts[0]).toBe(id)
    expect(starts).toHaveLength(3)
    expect(time.passed).toBe(0)
    expect(stage.ports.log.lines.filter(({ level }) => level === 'error')).toEqual([])
    expect(await stage.listed('ready')).toHaveLength(2)
  })

  it('gives up a site of the pool that its platform has run for minutes without an answer, and not before', async () => {
    const { id } = await buildForPool(stage)
    const endpoint = { host: '127.0.0.1', port: 41_009 }
    const list = (minutes: number): void => {
      const startedAt = new Date(Date.parse(stage.ports.clocks.wall()) - minutes * 60_000).toISOString()
      listing = [{ siteId: id, cell: 'local', state: 'running', endpoint, startedAt }]
    }
    list(2)
    await reconcile()
    expect(await stage.ports.sites.get(id)).toMatchObject({ status: 'ready' })
    expect(stage.ports.log.lines).toEqual([])
    list(4)
    await reconcile()
    expect(await stage.ports.sites.get(id)).toMatchObject({ status: 'purged' })
    expect(stage.ports.log.lines).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ event: 'site-not-answering', siteId: id }) }),
    )
  })

  it.each([
    { count: 1, answer: undefined, lines: [] },
    { count: 3, answer: undefined, lines: [{ level: 'warn', fields: { silent: 3, probed: 3 } }] },
    { count: 3, answer: false, lines: [{ level: 'warn', fields: { silent: 3, probed: 3 } }] },
  ])('gives up none of $count sites that run for minutes if checks of all end in $answer', async (scene) => {
    const { count, answer, lines } = scene
    const sites = await Promise.all(Array.from({ length: count }, () => buildForPool(stage)))
    listing = sites.map(({ id }) => ({
      siteId: id,
      cell: 'local',
      state: 'running',
      endpoint: { host: '127.0.0.1', port: 41_009 },
      startedAt: '2026-01-01T00:00:00.000Z',
    }))
    await reconcileSites({ ...ports(), probe: { isHealthy: async () => answer } }, 'tick')
    expect(starts).toEqual([])
    expect(await stage.listed('ready')).toHaveLength(count)
    expect(stage.ports.log.lines).toMatchObject(lines)
  })

  it('starts what is stopped although silent sites would take up all of its time', async () => {
    const sites: ReadySite[] = []
    for (let built = 0; built < 6; built += 1) sites.push(await buildForPool(stage))
    const [stopped, ...others] = sites
    listing = others.map(({ id }) => ({
      siteId: id,
      cell: 'local',
      state: 'running',
      endpoint: { host: '127.0.0.1', port: 41_009 },
    }))
    time.aCheck = 50_000
    await reconcileSites({ ...ports(), startsAtOnce: 1 }, 'tick')
    expect(asked).toHaveLength(3)
    expect(starts).toEqual([stopped!.id])
    // Their tasks are not at the addresses of their records, probed or not.
    for (const { id } of sites) expect(await stage.ports.sites.get(id)).not.toHaveProperty('endpoint')
  })

  it('drops an address at which the platform shows no task while the new task does not respond', async () => {
    const site = await buildForPool(stage)
    listing = [{ siteId: site.id, cell: 'local', state: 'running', endpoint: { host: '127.0.0.1', port: 41_009 } }]
    await reconcile()
    expect(asked).toEqual([41_009])
    expect(await stage.ports.sites.get(site.id)).not.toHaveProperty('endpoint')
  })

  it.each(['responds', 'does not respond'])(
    'keeps an address that is newer than its list, whose task %s',
    async (behaviour) => {
      const site = await buildForPool(stage)
      const listed = { host: '127.0.0.1', port: 41_009 }
      const newer = { host: '127.0.0.1', port: 41_010 }
      listing = [{ siteId: site.id, cell: 'local', state: 'running', endpoint: listed }]
      const isHealthy = async () => {
        await commit(changeAddress(site, newer, context())!)
        return behaviour === 'responds'
      }
      await reconcileSites({ ...ports(), probe: { isHealthy } }, 'tick')
      expect(await stage.ports.sites.get(site.id)).toMatchObject({ endpoint: newer })
    },
  )

  it('leaves sites to the next sweep before its function runs out of time', async () => {
    for (let sites = 0; sites < 4; sites += 1) await buildForPool(stage)
    listing = []
    whileStarting = async () => {
      time.passed += 120_000
    }
    await reconcileSites({ ...ports(), startsAtOnce: 1 }, 'tick')
    expect(starts).toHaveLength(2)
    expect(stage.ports.log.lines).toContainEqual(expect.objectContaining({ level: 'warn', fields: { left: 2 } }))
  })

  it('keeps the counts of cells if the platform does not say what sleeps there', async () => {
    const { id } = await putToSleep()
    listing = [{ siteId: id, cell: 'local', state: 'asleep' }]
    const given = ports()
    const written: unknown[] = []
    const noting = {
      ...given,
      cellCounts: { read: async () => [], write: async (counts: unknown) => void written.push(counts) },
    }
    await reconcileSites(noting, 'tick')
    const list = () => Promise.reject(new Error('AWS'))
    await expect(reconcileSites({ ...noting, runtime: { ...given.runtime, list } }, 'tick')).rejects.toThrow('AWS')
    expect(written).toEqual([[{ cell: 'local', sites: 1, ready: {} }]])
  })

  it('counts the sites of each cell, also what is being built, and logs what they use of quotas', async () => {
    await buildForPool(stage)
    await claim()
    await buildForPool(stage)
    await requestForPool(stage)
    counted.length = 0
    capacityUses.push({ kind: 'roles', used: 150, limit: 1000 })
    await reconcile()
    expect(counted).toEqual([{ cell: 'local', sites: 3, ready: { welcome: 1 } }])
    expect(stage.ports.log.lines.map(({ fields }) => fields)).toContainEqual({
      event: 'capacity-counted',
      kind: 'roles',
      used: 150,
      limit: 1000,
      percent: 15,
    })
  })

  it('does not touch another cell, nor what is being built', async () => {
    await buildForPool(stage)
    const building = await requestForPool(stage)
    running.set(building.id, home)
    stage.ports.capacities = [{ name: 'elsewhere', sites: 10 }]
    await reconcile()
    expect([...running.keys()]).toEqual([building.id])
  })

  it('stops a failed site and leaves an unknown one to quarantine', async () => {
    const stranger = stage.ports.randomness.id('site')
    for (const id of [stranger, await failed()]) running.set(id, home)
    await reconcile()
    expect([...running.keys()]).toEqual([stranger])
  })

  it('stops what runs of a site in another cell than its own, and nothing else of it', async () => {
    const { id } = await buildForPool(stage)
    running.set(id, home)
    const removed: SitePlace[] = []
    const all = ports()
    const runtime = {
      ...all.runtime,
      list: async () => ['local', 'former'].map((cell) => ({ siteId: id, cell, state: 'running' as const })),
      remove: async (place: SitePlace) => void removed.push(place),
    }
    await reconcileSites({ ...all, runtime }, 'tick')
    expect(removed.map(({ cell }) => cell)).toEqual(['former'])
  })

  it('removes what runs of a site that was retired, without alarm', async () => {
    const site = await buildForPool(stage)
    await commit(retireSite(site, context()))
    running.set(site.id, home)
    await reconcile()
    expect([...running.keys()]).toEqual([])
    expect(stage.ports.log.lines).toMatchObject([{ level: 'info', fields: { siteId: site.id } }])
  })

  it('stops a suspended site after its operation', async () => {
    await buildForPool(stage)
    const suspended = await commit(suspendSite(await claim(), { because: 'operator' }, context()))
    running.set(suspended.id, home)
    await reconcile()
    expect([...running.keys()]).toEqual([suspended.id])
    await commit(endOperation(suspended, 'done', context()))
    await reconcile()
    expect([...running.keys()]).toEqual([])
    expect(stage.ports.log.lines).toMatchObject([{ level: 'warn', fields: { siteId: suspended.id } }])
  })

  it('neither starts nor stops nor asks a site whose copy is being taken', async () => {
    await buildForPool(stage)
    const paused = await commit(pauseForCopy(await beingCopied(), context()))
    await reconcile()
    expect(starts).toEqual([])
    running.set(paused.id, home)
    await reconcile()
    expect([starts, asked, [...running.keys()]]).toEqual([[], [], [paused.id]])
    expect(await stage.ports.sites.get(paused.id)).toEqual(paused)
  })

  it('stops a site again that is paused in the moment in which it is started, and notes no address of it', async () => {
    await buildForPool(stage)
    const site = await beingCopied()
    whileStarting = async () => {
      await commit(pauseForCopy(site, context()))
    }
    await reconcile()
    expect([...running.keys()]).toEqual([])
    expect(await stage.ports.sites.get(site.id)).not.toHaveProperty('endpoint')
  })

  const putToSleep = async (): Promise<AsleepSite> => {
    await buildForPool(stage)
    const site = await commit(beginSleep(await claim(), context()))
    if (site.operation?.kind !== 'sleep') throw new Error('it does not fall asleep')
    return commit(fallAsleep({ ...site, operation: site.operation }, context()))
  }

  it('starts no site that sleeps, and stops one that runs once its sleep has ended', async () => {
    const falling = await putToSleep()
    running.set(falling.id, home)
    await reconcile()
    expect([...running.keys()]).toEqual([falling.id])
    await commit(endOperation(falling, 'done', context()))
    await reconcile()
    await reconcile()
    expect([starts, asked, [...running.keys()]]).toEqual([[], [], []])
  })

  it.each([
    ['asleep', 'is stopped again if it fell asleep'],
    ['awake', 'runs on if it fell asleep and wakes'],
  ])('leaves a site %s that it started meanwhile: it %s', async (end) => {
    await buildForPool(stage)
    const site = await claim()
    whileStarting = async () => {
      whileStarting = async () => undefined
      const sleeping = await commit(beginSleep(site, context()))
      if (sleeping.operation?.kind !== 'sleep') throw new Error('it does not fall asleep')
      const asleep = await commit(fallAsleep({ ...sleeping, operation: sleeping.operation }, context()))
      if (end === 'awake') await commit(beginWake(asleep, context()))
    }
    await reconcile()
    expect([starts, [...running.keys()]]).toEqual([[site.id], end === 'awake' ? [site.id] : []])
  })

  it('does not stop a site that wakes', async () => {
    const waking = await commit(beginWake(await putToSleep(), context()))
    running.set(waking.id, home)
    await reconcile()
    expect([starts, [...running.keys()]]).toEqual([[], [waking.id]])
  })

  it('reads no site whose platform keeps something for its wake, and counts it to its cell', async () => {
    const { id } = await putToSleep()
    listing = [{ siteId: id, cell: 'local', state: 'asleep' }]
    const reads: SiteId[] = []
    const given = ports()
    const get: typeof given.sites.get = (siteId) => {
      reads.push(siteId)
      return given.sites.get(siteId)
    }
    await reconcileSites({ ...given, sites: { ...given.sites, get } }, 'tick')
    expect(reads).toEqual([])
    expect(counted).toContainEqual({ cell: 'local', sites: 1, ready: {} })
  })

  it('continues after a failed start and throws at the end', async () => {
    const sites = [await buildForPool(stage), await buildForPool(stage), await buildForPool(stage)]
    broken.start.add(sites[0]?.id ?? 'site_')
    await expect(reconcile()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(running.size).toBe(2)
    expect(stage.ports.log.lines).toMatchObject([{ level: 'error', fields: { siteId: sites[0]?.id } }])
  })

  it('starts the others where something that is left cannot be removed', async () => {
    const left = await failed()
    running.set(left, home)
    broken.remove.add(left)
    const site = await buildForPool(stage)
    await expect(reconcile()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(running.has(site.id)).toBe(true)
  })

  it('retires a silent site of the pool', async () => {
    const site = await buildForPool(stage)
    broken.answer.add(site.id)
    await reconcile()
    expect(await stage.ports.sites.get(site.id)).toMatchObject({ status: 'purged' })
    expect(await stage.ports.sites.countReady({ cell: 'local', blueprint: 'welcome' })).toBe(0)
  })

  it('gives one that may take minutes to start its time, and no more', async () => {
    const { traffic, ...kept } = welcome(2)
    await stage.ports.blueprints.publish({ ...kept, traffic: { ...traffic, startSeconds: 150 } })
    const { id } = await buildForPool(stage, 2)
    broken.answer.add(id)
    const levels = () => stage.ports.log.lines.map(({ level }) => level)
    await reconcile()
    await reconcile()
    expect([(await stage.ports.sites.get(id))?.status, levels()]).toEqual(['ready', ['info', 'info']])
    await reconcile()
    expect([(await stage.ports.sites.get(id))?.status, levels().at(-1)]).toEqual(['purged', 'error'])
  })

  it('watches a site that accepts and does not answer no longer than one that refuses', async () => {
    broken.answer.add((await buildForPool(stage)).id)
    time.aCheck = 1500
    await reconcile()
    expect(time.passed).toBeGreaterThanOrEqual(30_000)
    expect(time.passed).toBeLessThan(32_000)
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

  it('notes the address of a site that is claimed at that moment', async () => {
    const { id } = await buildForPool(stage)
    whileStarting = claim
    await reconcile()
    expect(await stage.ports.sites.get(id)).toMatchObject({ status: 'active', endpoint: running.get(id) })
  })

  it('keeps an owner’s site that does not answer', async () => {
    await buildForPool(stage)
    const claimed = await claim()
    broken.answer.add(claimed.id)
    await reconcile()
    expect(await stage.ports.sites.get(claimed.id)).toEqual(claimed)
    expect(stage.ports.log.lines).toMatchObject([{ level: 'error', fields: { event: 'site-not-answering' } }])
  })
})

/** Sites that their platform knows to run where they are recorded. */
const settled = async (count: number): Promise<readonly ReadySite[]> => {
  const sites = await Promise.all(Array.from({ length: count }, () => buildForPool(stage)))
  for (const { id } of sites) running.set(id, home)
  listing = sites.map(({ id }) => ({ siteId: id, cell: 'local', state: 'running', endpoint: home }))
  return sites
}

/** They share an address in these tests, so a silent one needs one of its own. */
const hang = async (site: ReadySite | ActiveSite): Promise<Endpoint> => {
  const own = { host: '127.0.0.1', port: 42_000 }
  await commit(changeAddress(site, own, context())!)
  running.set(site.id, own)
  broken.answer.add(site.id)
  listing = listing?.map((one) => (one.siteId === site.id ? { ...one, endpoint: own } : one))
  return own
}

describe('a site that runs and hangs', () => {
  it('is replaced in the pool after four looks in nine seconds', async () => {
    const [hung] = await settled(3)
    await hang(hung!)
    await reconcile()
    expect(await stage.ports.sites.get(hung!.id)).toMatchObject({ status: 'purged' })
    expect(asked.filter((port) => port === 42_000)).toHaveLength(4)
    expect(time.passed).toBeGreaterThanOrEqual(9000)
  })

  it('replaces an owner’s hung site and removes its address', async () => {
    await settled(3)
    const owned = await claim()
    await hang(owned)
    await reconcile()
    expect(starts).toHaveLength(1)
    expect(running.get(owned.id)).toMatchObject({ port: expect.any(Number) })
    expect(running.get(owned.id)?.port).not.toBe(42_000)
    const { endpoint: _, ...rest } = owned
    expect(await stage.ports.sites.get(owned.id)).toEqual({
      ...rest,
      version: owned.version + 2,
      down: { since: stage.ports.clocks.wall() },
    })
  })

  it('is left alone where it answers at a second check', async () => {
    const [slow] = await settled(3)
    await hang(slow!)
    onPause = () => broken.answer.clear()
    await reconcile()
    expect(await stage.ports.sites.get(slow!.id)).toMatchObject({ status: 'ready' })
  })

  it('is left alone where it was paused for a copy between the checks', async () => {
    await settled(3)
    const site = await beingCopied()
    await hang(site)
    onPause = async () => {
      onPause = () => undefined
      const now = await stage.ports.sites.get(site.id)
      await commit(pauseForCopy(now as typeof site, context()))
    }
    await reconcile()
    expect([starts, running.has(site.id)]).toEqual([[], true])
  })

  it.each([1, 2])('is not known to hang where a router could not be asked once about each of %i', async (count) => {
    await settled(count)
    const places = new Map(running)
    const given = ports()
    let looks = 0
    const isHealthy = async () => {
      looks += 1
      return looks <= count ? undefined : false
    }
    await reconcileSites({ ...given, probe: { isHealthy } }, 'tick')
    expect(looks).toBe(count * 4)
    expect([starts, running, await stage.listed('ready')]).toEqual([
      [],
      places,
      expect.objectContaining({ length: count }),
    ])
    expect(stage.ports.log.lines).toEqual([])
  })

  it('is not replaced where most of the checked sites do not respond: then the way to them is at fault', async () => {
    const sites = await settled(4)
    for (const { id } of sites) broken.answer.add(id)
    await reconcile()
    expect(await stage.listed('ready')).toHaveLength(4)
    expect(stage.ports.log.lines).toMatchObject([{ level: 'error', fields: { silent: 4, asked: 4 } }])
  })

  it('sets off no alarm where most do not respond for a moment', async () => {
    for (const { id } of await settled(4)) broken.answer.add(id)
    onPause = () => broken.answer.clear()
    await reconcile()
    expect(stage.ports.log.lines).toEqual([])
  })
})

/** @param lost the cells that were declared lost. */
const bringUp = (siteId: SiteId, lost: readonly string[] = [], given: Partial<ReconcileSitesPorts> = {}) => {
  const loss = { kind: 'loss', state: 'running', held: [], failed: [] } as unknown as CellRollout
  const readOfCell = async (cell: string) => (lost.includes(cell) ? loss : undefined)
  return bringUpSite({ ...ports(), ...given, rollouts: { readOfCell } }, siteId, 'event')
}

describe('bringing one site up', () => {
  it('starts a resumed site and records its address', async () => {
    await buildForPool(stage)
    const site = await withoutAddress()
    await bringUp(site.id)
    expect(await stage.ports.sites.get(site.id)).toMatchObject({ endpoint: running.get(site.id) })
  })

  it('does nothing with a site that has an address, is suspended, paused or unknown', async () => {
    await buildForPool(stage)
    const site = await beingCopied()
    await bringUp(site.id)
    const paused = await commit(pauseForCopy(site, context()))
    await bringUp(site.id)
    await commit(suspendSite(paused, { because: 'operator' }, context()))
    await bringUp(site.id)
    await bringUp(stage.ports.randomness.id('site'))
    expect(starts).toEqual([])
  })

  it('starts nothing in a cell that is lost or whose disk is away: later events of the site do not wait for it', async () => {
    await buildForPool(stage)
    const site = await withoutAddress()
    broken.start.add(site.id)
    await bringUp(site.id, [site.cell])
    await bringUp(site.id, [], { cells: [] })
    expect(starts).toEqual([])
    broken.start.clear()
    await bringUp(site.id, ['another'])
    expect(starts).toEqual([site.id])
  })

  it('leaves a slow site to the sweep', async () => {
    await buildForPool(stage)
    const site = await withoutAddress()
    broken.answer.add(site.id)
    await bringUp(site.id)
    expect(running.has(site.id)).toBe(true)
    expect(stage.ports.log.lines).toMatchObject([{ level: 'info' }])
  })
})

describe('a site whose data an upgrade begins to copy while it is started', () => {
  it('is stopped again', async () => {
    await buildForPool(stage)
    const { id } = await withoutAddress()
    whileStarting = async () => {
      whileStarting = async () => undefined
      const found = (await stage.ports.sites.get(id)) as ActiveSite
      const begun = await commit(beginUpgrade(found, { to: found.blueprint.version + 1, migrates: true }, context()))
      await commit(holdRequests(begun as SwappingSite, context()))
    }
    await bringUp(id)
    expect(running.has(id)).toBe(false)
  })
})

describe('a site whose size is not that of its plan', () => {
  const withPlan = async (plan: string): Promise<ActiveSite> => {
    await buildForPool(stage)
    const { id } = await claim()
    // What a site is started with is noted along with where it answers.
    await reconcile()
    const site = await stage.ports.sites.get(id)
    expect(site).toMatchObject({ status: 'active', size: stage.ports.plans.trial.size })
    await commit(changePlan(site as ActiveSite, { plan, reason: 'Paid.' }, context()))
    return site as ActiveSite
  }

  it('is given it', async () => {
    const { id } = await withPlan('growth')
    await reconcile()
    expect(await stage.ports.sites.get(id)).toMatchObject({
      operation: { kind: 'upgrade', target: { size: expect.anything() } },
    })
  })

  it('is neither started nor stopped while that is running', async () => {
    const { id } = await withPlan('growth')
    await reconcile()
    const before = await stage.ports.sites.get(id)
    starts = []
    running.delete(id)
    await reconcile()
    expect(starts).toEqual([])
    expect(await stage.ports.sites.get(id)).toEqual(before)
  })

  it('is not stopped where that begins in the moment in which it is started', async () => {
    const { id } = await withPlan('growth')
    running.delete(id)
    whileStarting = async () => {
      whileStarting = async () => undefined
      await followPlan(ports(), id, 'evt')
    }
    await reconcile()
    expect(running.has(id)).toBe(true)
    expect(await stage.ports.sites.get(id)).toMatchObject({
      operation: { kind: 'upgrade', target: { size: expect.anything() } },
    })
  })
})

describe('a site that was claimed after a roll-out had finished', () => {
  it('is upgraded; sites of the pool are not', async () => {
    await buildForPool(stage)
    const { id } = await claim()
    const pooled = await buildForPool(stage)
    await stage.ports.blueprints.publish(welcome(2))
    rollouts = [{ blueprint: 'welcome', to: 2, state: 'finished' } as Rollout]
    await reconcile()
    expect(await stage.ports.sites.get(id)).toMatchObject({
      operation: { kind: 'upgrade', target: { blueprint: { version: 2 } } },
    })
    expect(await stage.ports.sites.get(pooled.id)).toMatchObject({ status: 'ready', blueprint: { version: 1 } })
  })
})
