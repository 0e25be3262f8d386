import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SiteStore } from '../../../../core/ports/stores.ts'
import type { Site } from '../../../../core/site/site.ts'
import { noteImageFailure } from '../../../../lambdas/blueprints/change-status.ts'
import { createSite } from '../../../../lambdas/sites/claim/create-site.ts'
import type { TrialRequest } from '../../../../lambdas/sites/claim/pooled-site.ts'
import { claimFromPool } from '../../../../lambdas/sites/claim/pooled-site.ts'
import { healBuilds } from '../../../../lambdas/sites/heal-work.ts'
import { buildForPool, prepareForPool } from '../../../support/build-for-pool.ts'
import { openProvisioning, type Provisioning, welcome } from '../../../support/provisioning.ts'

let stage: Provisioning

beforeEach(async () => {
  stage = await openProvisioning()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

describe('a request for a site', () => {
  it('is granted from the pool in one step, without a workflow', async () => {
    const ready = await buildForPool(stage)
    const site = await createSite(stage.ports, stage.requestOf('harbour'))
    expect(site).toMatchObject({ id: ready.id, status: 'active', ownership: { name: 'harbour' } })
    expect(await stage.ports.sites.findByHostname('harbour.sites.example.com')).toEqual(site)
    expect(stage.ports.workflows.started).toEqual([])
  })

  it('is refused with the reason while an image is not available, but granted from the pool', async () => {
    await noteImageFailure(stage.ports, { name: 'welcome', version: 1 }, 'manifest unknown')
    const refusal: unknown = await createSite(stage.ports, stage.requestOf('harbour')).catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      kind: 'BlueprintUnavailable',
      message: "'Welcome' cannot be built now: its image does not exist. We try again by ourselves. Try again in 15 s.",
      retryAfterSeconds: 15,
    })
    await buildForPool(stage)
    expect(await createSite(stage.ports, stage.requestOf('harbour'))).toMatchObject({ status: 'active' })
    stage.ports.clocks.pass(15_000)
    expect(await createSite(stage.ports, stage.requestOf('meadow'))).toMatchObject({ status: 'building' })
  })

  it('starts a prepared site of the pool, whose trial begins when it opens', async () => {
    const ready = await prepareForPool(stage, 2)
    const site = await createSite(stage.ports, stage.requestOf('harbour'))
    expect(site).toMatchObject({ id: ready.id, status: 'building', ownership: { name: 'harbour' } })
    expect(site).not.toHaveProperty('startsAtClaim')
    expect(site.completedSteps.map(({ name }) => name)).toEqual(['storage'])
    expect(stage.ports.workflows.started).toEqual([
      {
        name: `provision-site-${site.id}-${site.version}-1`,
        input: expect.objectContaining({ siteId: site.id, fence: 1 }),
      },
    ])
    expect(await stage.ports.sites.findByHostname('harbour.sites.example.com')).toEqual(site)
    expect(await stage.listed('ready')).toEqual([])
  })

  it('gives a prepared site to one of two, and keeps it where its workflow cannot be started', async () => {
    await prepareForPool(stage, 2)
    stage.ports.workflows.outage = new Error('the engine is away')
    const sites = await Promise.all(['harbour', 'meadow'].map((slug) => createSite(stage.ports, stage.requestOf(slug))))
    expect(new Set(sites.map(({ id }) => id)).size).toBe(2)
    expect(await stage.listed('building')).toHaveLength(2)
    stage.ports.workflows.outage = undefined
    await healBuilds(stage.ports, 'tick')
    expect(stage.ports.workflows.started).toHaveLength(2)
  })

  it('starts a build where the pool is empty', async () => {
    const site = await createSite(stage.ports, stage.requestOf('harbour', { name: 'The Harbour' }))
    expect(site).toMatchObject({ status: 'building', ownership: { name: 'The Harbour', slug: 'harbour' } })
    expect(stage.ports.workflows.started).toEqual([
      { name: `provision-site-${site.id}-1-1`, input: expect.objectContaining({ siteId: site.id, fence: 1 }) },
    ])
  })

  it('does not overfill a cell when many come between two counts', async () => {
    let sites = 0
    const cellCounts = {
      read: async () => [{ cell: 'local', sites: 0, ready: {} }],
      add: async (_cell: string, max: number) => {
        const hasRoom = sites < max
        if (hasRoom) sites += 1
        return hasRoom
      },
    }
    const ports = { ...stage.ports, capacities: [{ name: 'local', sites: 2 }], cellCounts }
    const slugs = ['harbour', 'meadow', 'forest', 'valley']
    const outcomes = await Promise.allSettled(slugs.map((slug) => createSite(ports, stage.requestOf(slug))))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(await stage.listed('building')).toHaveLength(2)
  })

  it('takes no place in a cell for requests that are refused or repeated', async () => {
    let places = 0
    const cellCounts = {
      read: async () => [],
      add: async () => {
        places += 1
        return true
      },
    }
    const ports = {
      ...stage.ports,
      cellCounts,
      admission: { ...stage.ports.admission, take: async () => ({ release }) },
    }
    let released = 0
    const release = () => {
      released += 1
    }
    const wanted = stage.requestOf('harbour', { accountId: stage.accountId, idempotencyKey: 'click' })
    const site = await createSite(ports, wanted)
    expect(await createSite(ports, wanted)).toEqual(site)
    await expect(createSite(ports, stage.requestOf('meadow', { accountId: stage.accountId }))).rejects.toMatchObject({
      kind: 'TrialAlreadyUsed',
    })
    await expect(createSite(ports, stage.requestOf('harbour'))).rejects.toMatchObject({ kind: 'HostnameTaken' })
    expect(places).toBe(1)
    expect(released).toBe(3)
  })

  it('is granted with the newest version that is ready', async () => {
    await stage.ports.blueprints.publish(welcome(2))
    await buildForPool(stage, 2)
    await buildForPool(stage, 1)
    const first = await createSite(stage.ports, stage.requestOf('harbour'))
    const second = await createSite(stage.ports, stage.requestOf('meadow'))
    expect([first.blueprint.version, second.blueprint.version]).toEqual([2, 1])
  })

  it('is not lost where its workflow cannot be started: the sweep will start it', async () => {
    stage.ports.workflows.outage = new Error('the engine is away')
    const site = await createSite(stage.ports, stage.requestOf('harbour'))
    expect(await stage.ports.sites.get(site.id)).toEqual(site)
    expect(stage.ports.log.lines).toMatchObject([{ level: 'warn', fields: { siteId: site.id } }])
  })

  it.each([
    ['ab', 'HostnameNotAllowed'],
    ['xn--abc', 'HostnameNotAllowed'],
    ['harbour--content', 'HostnameNotAllowed'],
    ['acme', 'HostnameNotAllowed'],
  ])('for the name %s is refused: %s', async (slug, kind) => {
    await expect(createSite(stage.ports, stage.requestOf(slug))).rejects.toMatchObject({
      kind,
      fields: [{ path: 'slug' }],
    })
  })

  it('refuses a blueprint that is not offered and lists those that are', async () => {
    await expect(createSite(stage.ports, stage.requestOf('harbour', { blueprint: 'shop' }))).rejects.toMatchObject({
      kind: 'InvalidRequest',
      fields: [{ path: 'blueprint', message: 'must be one of: welcome' }],
    })
  })

  it('leaves nothing behind where it is refused', async () => {
    await createSite(stage.ports, stage.requestOf('harbour', { accountId: stage.accountId }))
    await expect(
      createSite(stage.ports, stage.requestOf('meadow', { accountId: stage.accountId })),
    ).rejects.toMatchObject({ kind: 'TrialAlreadyUsed' })
    expect(await stage.ports.sites.isHostnameHeld('meadow.sites.example.com')).toBe(false)
    expect(await stage.listed('building')).toHaveLength(1)
  })
})

describe('two requests', () => {
  it.each([0, 1, 2])('for one name at the same moment: one is granted, the pool holding %i', async (pooled) => {
    for (let site = 0; site < pooled; site += 1) await buildForPool(stage)
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () => createSite(stage.ports, stage.requestOf('harbour'))),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'HostnameTaken' })
    }
  })

  it('of one account for two names at the same moment: one trial', async () => {
    await buildForPool(stage)
    await buildForPool(stage)
    const { accountId } = stage
    const results = await Promise.allSettled(
      ['harbour', 'meadow'].map((slug) => createSite(stage.ports, stage.requestOf(slug, { accountId }))),
    )
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('creates one site for concurrent requests with one Idempotency-Key', async () => {
    await buildForPool(stage)
    await buildForPool(stage)
    const wanted = stage.requestOf('harbour', { accountId: stage.accountId, idempotencyKey: 'click' })
    const sites = await Promise.all(Array.from({ length: 4 }, () => createSite(stage.ports, wanted)))
    expect(new Set(sites.map(({ id }) => id)).size).toBe(1)
    expect(await stage.listed('active')).toHaveLength(1)
  })

  it('returns the site of a concurrent request with the same key', async () => {
    const wanted = stage.requestOf('harbour', { accountId: stage.accountId, idempotencyKey: 'click' })
    let first: Promise<Site> | undefined
    const listByAccount: SiteStore['listByAccount'] = async (...asked) => {
      first ??= createSite(stage.ports, wanted)
      await first
      return stage.ports.sites.listByAccount(...asked)
    }
    const admission = { ...stage.ports.admission, take: async () => ({ release: () => undefined }) }
    const ports = { ...stage.ports, admission, sites: { ...stage.ports.sites, listByAccount } }
    expect(await createSite(ports, wanted)).toEqual(await first)
  })

  it('refuse a key that is reused for another name, before any other obstacle', async () => {
    const wanted = stage.requestOf('harbour', { accountId: stage.accountId, idempotencyKey: 'click' })
    await createSite(stage.ports, wanted)
    await expect(createSite(stage.ports, { ...wanted, slug: 'meadow' })).rejects.toMatchObject({
      kind: 'IdempotencyKeyReused',
    })
  })

  it('of two accounts with the same key do not meet', async () => {
    const first = await createSite(stage.ports, stage.requestOf('harbour', { idempotencyKey: 'click' }))
    const second = await createSite(stage.ports, stage.requestOf('meadow', { idempotencyKey: 'click' }))
    expect(first.id).not.toBe(second.id)
  })

  it('gives every concurrent request another pooled site', async () => {
    for (let site = 0; site < 3; site += 1) await buildForPool(stage)
    const requests = Array.from({ length: 6 }, (_, index) => stage.requestOf(`harbour-${index}`))
    const sites = await Promise.all(requests.map((wanted) => createSite(stage.ports, wanted)))
    expect(new Set(sites.map(({ id }) => id)).size).toBe(6)
    expect(await stage.listed('active')).toHaveLength(3)
    expect(await stage.listed('building')).toHaveLength(3)
  })
})

const wanted = (): TrialRequest => {
  const { clocks, randomness } = stage.ports
  const hostname = 'harbour.sites.example.com'
  return {
    ownership: { accountId: stage.accountId, slug: 'harbour', hostname, name: 'Harbour', since: clocks.domain() },
    blueprint: 'welcome',
    context: { actor: { kind: 'system' }, causationId: 'test', clocks, randomness },
  }
}
const claim = (sites: SiteStore = stage.ports.sites, ...cells: string[]) =>
  claimFromPool(
    { sites, cells: cells.length === 0 ? ['local'] : cells, policy: stage.ports.policies.current },
    wanted(),
  )

describe('a claim from the pool', () => {
  it('finds an empty pool empty, and the pool of another cell as well', async () => {
    expect(await claim()).toBe('pool-empty')
    await buildForPool(stage)
    expect(await claim(stage.ports.sites, 'elsewhere')).toBe('pool-empty')
  })

  it('looks in the pools of all cells', async () => {
    const site = await buildForPool(stage)
    expect(await claim(stage.ports.sites, 'elsewhere', 'local')).toMatchObject({ id: site.id, status: 'active' })
  })

  it('takes another site after a lost race', async () => {
    const [one, other] = [await buildForPool(stage), await buildForPool(stage)]
    const lost: string[] = []
    const sites: SiteStore = {
      ...stage.ports.sites,
      commit: async (change) => {
        if (lost.length > 0) return stage.ports.sites.commit(change)
        lost.push(change.after.id)
        return { done: false, obstacle: 'version' }
      },
    }
    const claimed = await claim(sites)
    expect([one.id, other.id]).toContain(lost[0])
    expect(claimed).toMatchObject({ status: 'active' })
    expect(lost).not.toContain(typeof claimed === 'string' ? claimed : claimed.id)
  })

  it('gives up where it loses every time, so that the visitor gets a site of their own built', async () => {
    await buildForPool(stage)
    const always: SiteStore = { ...stage.ports.sites, commit: async () => ({ done: false, obstacle: 'version' }) }
    expect(await claim(always)).toBe('pool-empty')
  })

  it.each(['hostname', 'trial', 'idempotency'] as const)(
    'tries no other site where the %s stands against it',
    async (obstacle) => {
      await buildForPool(stage)
      await buildForPool(stage)
      let tries = 0
      const sites: SiteStore = {
        ...stage.ports.sites,
        commit: async () => {
          tries += 1
          return { done: false, obstacle }
        },
      }
      expect(await claim(sites)).toBe(obstacle)
      expect(tries).toBe(1)
    },
  )
})
