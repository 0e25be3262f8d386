import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { placeOf } from '../../../../core/site/location.ts'
import type { Endpoint, ReadySite } from '../../../../core/site/site.ts'
import { beginPlanChange, beginUpgrade } from '../../../../lambdas/releases/swap/begin-swap.ts'
import { holdRequests, type SwappingSite } from '../../../../lambdas/releases/swap/swap-changes.ts'
import { retireSite } from '../../../../lambdas/sites/claim/pooled-site.ts'
import { followTask, type TaskNews } from '../../../../lambdas/sites/run/follow-task.ts'
import { buildForPool, claimForOwner } from '../../../support/build-for-pool.ts'
import { openProvisioning, type Provisioning } from '../../../support/provisioning.ts'

let stage: Provisioning
/** The runtime's view of the site, one answer for each check; the last one repeats. */
let located: (Endpoint | undefined)[]
let healthy: Endpoint[]
let passed: number
let whileChecking: () => Promise<unknown>

const first: Endpoint = { host: '127.0.0.1', port: 41_000 }
const next: Endpoint = { host: '10.1.0.9', port: 41_000 }

beforeEach(async () => {
  stage = await openProvisioning()
  located = [undefined]
  healthy = [first, next]
  passed = 0
  whileChecking = async () => undefined
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

const follow = (news: TaskNews): Promise<void> =>
  followTask(
    {
      ...stage.ports,
      runtime: {
        locate: async () => {
          await whileChecking()
          return located.length > 1 ? located.shift() : located[0]
        },
      },
      probe: { isHealthy: async (endpoint) => healthy.includes(endpoint) },
      pause: async (milliseconds) => {
        passed += milliseconds
      },
      pollMilliseconds: 1000,
      monotonic: () => passed,
    },
    news,
    'evt_task',
  )

const siteOf = (site: ReadySite) => stage.ports.sites.get(site.id)

describe('following a site’s task', () => {
  it('drops the address of a task that ends, and takes that of the next one’s event, without a call of the platform', async () => {
    const site = await buildForPool(stage)
    whileChecking = async () => {
      throw new Error('the platform is asked')
    }
    await follow({ ...placeOf(site), endpoint: first, isEnding: true })
    expect(await siteOf(site)).not.toHaveProperty('endpoint')
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    expect(await siteOf(site)).toMatchObject({ endpoint: next, version: site.version + 2 })
  })

  it('asks the platform once, when the task answers, which of two tasks counts', async () => {
    const site = await buildForPool(stage)
    const third = { host: '10.1.0.10', port: 41_000 }
    let asked = 0
    whileChecking = async () => {
      asked += 1
    }
    located = [next]
    healthy = [first, third]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    expect(asked).toBe(0)
    located = [third]
    healthy = [first, next, third]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    expect(asked).toBe(1)
    expect(await siteOf(site)).toMatchObject({ endpoint: third })
    located = [third]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    expect(await siteOf(site)).toMatchObject({ endpoint: third })
  })

  it('takes a site without an address out of the pool until it has one again', async () => {
    const site = await buildForPool(stage)
    const pool = { cell: 'local', blueprint: 'welcome' }
    await follow({ ...placeOf(site), endpoint: first, isEnding: true })
    expect(await stage.ports.sites.countReady(pool)).toBe(0)
    located = [next]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    expect(await stage.ports.sites.countReady(pool)).toBe(1)
  })

  it('leaves a task that does not answer in time to the sweep, without a call of the platform', async () => {
    const site = await buildForPool(stage)
    whileChecking = async () => {
      throw new Error('the platform is asked')
    }
    healthy = []
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    expect(await siteOf(site)).toEqual(site)
    expect(passed).toBeGreaterThanOrEqual(40_000)
  })

  it('keeps the next task’s address if the old task’s end arrives late', async () => {
    const site = await buildForPool(stage)
    located = [next]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    const moved = await siteOf(site)
    await follow({ ...placeOf(site), endpoint: first, isEnding: true })
    expect(await siteOf(site)).toEqual(moved)
  })

  it('does not believe a runtime that still shows the task that ends', async () => {
    const site = await buildForPool(stage)
    located = [first]
    await follow({ ...placeOf(site), endpoint: first, isEnding: true })
    expect(await siteOf(site)).not.toHaveProperty('endpoint')
    // A replaced task is normal: nobody waits, and no alarm gets an error.
    expect(passed).toBe(0)
  })

  it('writes nothing when the same news comes again', async () => {
    const site = await buildForPool(stage)
    located = [next]
    const news = { ...placeOf(site), endpoint: first, isEnding: true }
    await follow(news)
    const moved = await siteOf(site)
    await follow(news)
    expect(await siteOf(site)).toEqual(moved)
  })

  it('notes the address of a site that is claimed at that moment', async () => {
    const site = await buildForPool(stage)
    whileChecking = async () => {
      whileChecking = async () => undefined
      await claimForOwner(stage)
    }
    located = [next]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    expect(await siteOf(site)).toMatchObject({ status: 'active', endpoint: next })
  })

  it('ignores closed and unknown sites', async () => {
    const site = await buildForPool(stage)
    await stage.ports.sites.commit(retireSite(site, { actor: { kind: 'system' }, causationId: 'test', ...stage.ports }))
    const purged = await siteOf(site)
    located = [next]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    await follow({ siteId: stage.ports.randomness.id('site'), cell: 'local', endpoint: next, isEnding: true })
    expect(await siteOf(site)).toEqual(purged)
  })
})

describe('a site that is swapped', () => {
  const claimed = async () => {
    await buildForPool(stage)
    const { ports } = stage
    const context = { actor: { kind: 'system' } as const, causationId: 'test', ...ports }
    return { ports, context, site: await claimForOwner(stage) }
  }

  it('leaves the address of a paused site to its workflow', async () => {
    const { ports, context, site } = await claimed()
    const sizes = { from: ports.plans.trial.size, to: ports.plans.find('growth').size }
    const begun = beginPlanChange(site, sizes, context)
    await ports.sites.commit(begun)
    const held = holdRequests(begun.after as SwappingSite, context)
    await ports.sites.commit(held)
    located = [next]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    await follow({ ...placeOf(site), endpoint: first, isEnding: true })
    expect(await ports.sites.get(site.id)).toEqual(held.after)
  })

  it('gets no visitors to a version beside the former one that has not passed its checks', async () => {
    const { ports, context, site } = await claimed()
    const begun = beginUpgrade(site, { to: 2, migrates: false }, context)
    await ports.sites.commit(begun)
    located = [next]
    await follow({ ...placeOf(site), endpoint: next, isEnding: false })
    expect(await ports.sites.get(site.id)).toEqual(begun.after)
  })
})
