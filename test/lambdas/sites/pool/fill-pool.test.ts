import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BuildingSite } from '../../../../core/site/site.ts'
import { noteImageFailure } from '../../../../lambdas/blueprints/change-status.ts'
import { failBuild } from '../../../../lambdas/sites/build/build-failure.ts'
import { requestSite } from '../../../../lambdas/sites/build/request-build.ts'
import { countClaim, recentClaims } from '../../../../lambdas/sites/claim/count-site.ts'
import { createSite } from '../../../../lambdas/sites/claim/create-site.ts'
import { fillPool } from '../../../../lambdas/sites/pool/fill-pool.ts'
import { buildForPool, requestForPool } from '../../../support/build-for-pool.ts'
import { openProvisioning, type Provisioning, welcome, welcomeThatNeedsItsUrl } from '../../../support/provisioning.ts'
import { sampleRollout } from '../../../support/sample-rollout.ts'

let stage: Provisioning

beforeEach(async () => {
  stage = await openProvisioning()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

describe('filling the pool', () => {
  it('starts as many builds as are allowed at once, and no more when it is called again', async () => {
    await fillPool(stage.ports, 'tick')
    await fillPool(stage.ports, 'tick')
    const building = await stage.listed('building')
    expect(building).toHaveLength(2)
    expect(stage.ports.workflows.started).toHaveLength(2)
    expect(building.every((site) => !('ownership' in site))).toBe(true)
  })

  it('counts what is ready, and stops at the target', async () => {
    await buildForPool(stage)
    await buildForPool(stage)
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toHaveLength(1)
    await buildForPool(stage)
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toHaveLength(1)
  })

  it('does not count what is built for an owner', async () => {
    await createSite(stage.ports, stage.requestOf('harbour'))
    await createSite(stage.ports, stage.requestOf('meadow'))
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toHaveLength(4)
  })

  it('does not count what is built in another cell', async () => {
    await requestForPool(stage)
    await fillPool({ ...stage.ports, capacities: [{ name: 'elsewhere', sites: 10 }] }, 'tick')
    const cells = (await stage.listed('building')).map(({ cell }) => cell)
    expect(cells.toSorted()).toEqual(['elsewhere', 'elsewhere', 'local'])
  })

  it('counts the pools of all cells, and builds where there is most room', async () => {
    await requestForPool(stage)
    const capacities = [
      { name: 'local', sites: 10 },
      { name: 'elsewhere', sites: 9 },
    ]
    const cellCounts = { read: async () => [{ cell: 'local', sites: 2, ready: {} }], add: async () => true }
    await fillPool({ ...stage.ports, capacities, cellCounts }, 'tick')
    const cells = (await stage.listed('building')).map(({ cell }) => cell)
    expect(cells.toSorted()).toEqual(['elsewhere', 'local'])
  })

  it('counts each site that it places, and stops when others have filled the cells meanwhile', async () => {
    const placed: string[] = []
    const cellCounts = {
      read: async () => [],
      add: async (cell: string, max: number) => {
        if (placed.length >= max) return false
        placed.push(cell)
        return true
      },
    }
    await fillPool({ ...stage.ports, capacities: [{ name: 'local', sites: 1 }], cellCounts }, 'tick')
    expect(placed).toEqual(['local'])
    expect(await stage.listed('building')).toHaveLength(1)
  })

  it('builds nothing while all cells are full', async () => {
    const cellCounts = { read: async () => [{ cell: 'local', sites: 10, ready: {} }], add: async () => true }
    await fillPool({ ...stage.ports, capacities: [{ name: 'local', sites: 10 }], cellCounts }, 'tick')
    expect(await stage.listed('building')).toEqual([])
  })

  it('builds the newest version', async () => {
    await stage.ports.blueprints.publish(welcome(10))
    await stage.ports.blueprints.publish(welcome(9))
    await fillPool(stage.ports, 'tick')
    expect((await stage.listed('building')).map(({ blueprint }) => blueprint.version)).toEqual([10, 10])
  })

  it('asks for sites that start at their claim where they need their URL', async () => {
    await fillPool(stage.ports, 'tick')
    await stage.ports.blueprints.publish(welcomeThatNeedsItsUrl(2))
    await fillPool({ ...stage.ports, pool: { target: 2, buildsAtOnce: 4 } }, 'tick')
    const asked = (await stage.listed('building')).map((site) => ({
      version: site.blueprint.version,
      startsAtClaim: site.status === 'building' ? site.startsAtClaim : 'another status',
    }))
    expect(asked.toSorted((one, other) => one.version - other.version)).toEqual([
      { version: 1, startsAtClaim: undefined },
      { version: 1, startsAtClaim: undefined },
      { version: 2, startsAtClaim: true },
      { version: 2, startsAtClaim: true },
    ])
  })

  it('waits with a blueprint whose image is not available until the next try', async () => {
    await noteImageFailure(stage.ports, { name: 'welcome', version: 1 }, 'manifest unknown')
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toEqual([])
    stage.ports.clocks.pass(15_000)
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toHaveLength(2)
  })

  it('logs an unpublished blueprint and continues', async () => {
    await fillPool({ ...stage.ports, offeredBlueprints: ['shop'] }, 'tick')
    expect(stage.ports.log.lines).toMatchObject([{ level: 'error', fields: { blueprint: 'shop' } }])
    expect(await stage.listed('building')).toEqual([])
  })

  it('keeps what it committed where the workflows are away', async () => {
    stage.ports.workflows.outage = new Error('away')
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toHaveLength(2)
  })

  describe('with several offered blueprints', () => {
    const offering = () => ({
      ...stage.ports,
      offeredBlueprints: ['welcome', 'shop'] as const,
      pool: { target: 6, buildsAtOnce: 100 },
    })
    const names = async () => (await stage.listed('building')).map(({ blueprint }) => blueprint.name).toSorted()

    beforeEach(() => stage.ports.blueprints.publish({ ...welcome(1), name: 'shop' }))

    it('has a pool of each', async () => {
      await fillPool(offering(), 'tick')
      await fillPool(offering(), 'tick')
      expect(await names()).toEqual(['shop', 'shop', 'shop', 'welcome', 'welcome', 'welcome'])
    })

    it('divides it by the claims of the last hours', async () => {
      const { rateWindows, clocks } = stage.ports
      for (let claims = 0; claims < 3; claims += 1) await countClaim(rateWindows, 'shop', clocks.wall())
      clocks.pass(3_600_000)
      await countClaim(rateWindows, 'welcome', clocks.wall())
      await fillPool(offering(), 'tick')
      expect(await names()).toEqual(['shop', 'shop', 'shop', 'shop', 'welcome', 'welcome'])
      clocks.pass(3_600_000)
      expect(await recentClaims(rateWindows, ['shop', 'welcome'], clocks.wall())).toEqual([0, 1])
    })

    it('shares the builds at once between all', async () => {
      await fillPool({ ...offering(), pool: { target: 6, buildsAtOnce: 4 } }, 'tick')
      expect(await names()).toEqual(['shop', 'welcome', 'welcome', 'welcome'])
    })

    it('fills the others where one was never published', async () => {
      await fillPool({ ...offering(), offeredBlueprints: ['wiki', 'shop'] as const }, 'tick')
      expect(await names()).toEqual(['shop', 'shop', 'shop'])
    })
  })

  describe('when a newer version is published', () => {
    const versions = async (status: 'building' | 'ready') =>
      (await stage.listed(status)).map(({ blueprint }) => blueprint.version).toSorted()

    beforeEach(async () => {
      for (let built = 0; built < 3; built += 1) await buildForPool(stage)
      await stage.ports.blueprints.publish(welcome(2))
    })

    it('builds it although the pool is full of the older one, which stays until it is replaced', async () => {
      await fillPool(stage.ports, 'tick')
      expect(await versions('building')).toEqual([2, 2])
      expect(await versions('ready')).toEqual([1, 1, 1])
    })

    it('retires one of the older for each of the newer that is ready, until none is left', async () => {
      const pools: number[][] = []
      for (let built = 0; built < 3; built += 1) {
        await buildForPool(stage, 2)
        await fillPool(stage.ports, 'tick')
        pools.push(await versions('ready'))
      }
      expect(pools).toEqual([
        [1, 1, 2],
        [1, 2, 2],
        [2, 2, 2],
      ])
      expect(await stage.listed('purged')).toHaveLength(3)
    })

    it('retires no more at a time than it builds', async () => {
      const pool = { target: 0, buildsAtOnce: 2 }
      await fillPool({ ...stage.ports, pool }, 'tick')
      expect(await versions('ready')).toEqual([1])
      await fillPool({ ...stage.ports, pool }, 'tick')
      expect(await versions('ready')).toEqual([])
    })

    it('counts the builds of the older one among those at once, and not towards the target', async () => {
      await requestForPool(stage, 1)
      await fillPool(stage.ports, 'tick')
      expect(await versions('building')).toEqual([1, 2])
    })

    it('touches no pool of another cell', async () => {
      await fillPool(
        { ...stage.ports, capacities: [{ name: 'elsewhere', sites: 10 }], pool: { target: 0, buildsAtOnce: 2 } },
        'tick',
      )
      expect(await versions('ready')).toEqual([1, 1, 1])
    })

    it('hands out the newer one alone from then on', async () => {
      for (let built = 0; built < 3; built += 1) await buildForPool(stage, 2)
      for (let ticks = 0; ticks < 2; ticks += 1) await fillPool(stage.ports, 'tick')
      for (const slug of ['harbour', 'meadow', 'orchard']) {
        const site = await createSite(stage.ports, stage.requestOf(slug))
        expect(site).toMatchObject({ status: 'active', blueprint: { version: 2 } })
      }
      const another = await createSite(stage.ports, stage.requestOf('valley'))
      expect(another).toMatchObject({ status: 'building', blueprint: { version: 2 } })
    })
  })

  describe('when a roll-out to the newest version halts', () => {
    const halted = () => ({
      ...stage.ports,
      rollouts: { read: async () => sampleRollout({ to: 2, state: 'halted', because: 'failures', heldBack: [2] }) },
    })
    const versions = async (status: 'building' | 'ready') =>
      (await stage.listed(status)).map(({ blueprint }) => blueprint.version)

    beforeEach(() => stage.ports.blueprints.publish(welcome(2)))

    it('hands out the version before, and retires what the pool has of the newest', async () => {
      for (let built = 0; built < 3; built += 1) await buildForPool(stage, 2)
      await fillPool(halted(), 'tick')
      expect(await stage.listed('ready')).toEqual([])
      expect(await versions('building')).toEqual([1, 1])
      const site = await createSite(halted(), stage.requestOf('harbour'))
      expect(site).toMatchObject({ status: 'building', blueprint: { version: 1 } })
    })

    it('keeps what the pool has of the version before', async () => {
      for (const version of [1, 1, 2, 1]) await buildForPool(stage, version)
      await fillPool(halted(), 'tick')
      expect(await versions('ready')).toEqual([1, 1, 1])
    })

    it('fills the pool with the newest again once the roll-out continues', async () => {
      await fillPool(halted(), 'tick')
      await fillPool(
        { ...stage.ports, rollouts: { read: async () => sampleRollout({ to: 2, state: 'running' }) } },
        'tick',
      )
      expect((await versions('building')).toSorted()).toEqual([1, 1])
      await fillPool({ ...stage.ports, pool: { target: 3, buildsAtOnce: 4 } }, 'tick')
      expect((await versions('building')).toSorted()).toEqual([1, 1, 2, 2])
    })
  })

  describe('when builds fail', () => {
    const minute = 60_000
    const building = async () => (await stage.listed('building')).length

    const failEveryBuild = async () => {
      for (const site of await stage.listed('building')) {
        const context = { actor: { kind: 'system' } as const, causationId: 'test', ...stage.ports }
        const change = failBuild(site as BuildingSite, { step: 'start', reason: 'It ended at once.' }, context)
        expect(await stage.ports.sites.commit(change)).toEqual({ done: true })
        stage.ports.clocks.pass(1)
      }
    }

    it('pauses after failures, then builds one at a time', async () => {
      await fillPool(stage.ports, 'tick')
      await failEveryBuild()
      await fillPool(stage.ports, 'tick')
      expect(await building()).toBe(0)
      expect(stage.ports.log.lines).toMatchObject([
        { level: 'warn', fields: { blueprint: 'welcome', version: 1, failuresInRow: 2 } },
      ])
      stage.ports.clocks.pass(minute)
      await fillPool(stage.ports, 'tick')
      await fillPool(stage.ports, 'tick')
      expect(await building()).toBe(1)
    })

    it('builds once in five minutes in the end, however often it is woken', async () => {
      let builds = 0
      for (let halfMinute = 0; halfMinute < 48; halfMinute += 1) {
        await fillPool(stage.ports, 'tick')
        if (halfMinute >= 28) builds += await building()
        await failEveryBuild()
        stage.ports.clocks.pass(minute / 2)
      }
      expect(builds).toBe(2)
    })

    it('is back at its full pace as soon as one succeeds, also where that one is claimed at once', async () => {
      await fillPool(stage.ports, 'tick')
      await failEveryBuild()
      stage.ports.clocks.pass(minute)
      await buildForPool(stage)
      await createSite(stage.ports, stage.requestOf('harbour'))
      await fillPool(stage.ports, 'tick')
      expect(await building()).toBe(2)
    })

    it('does not hold the failure of a rehearsal against new sites', async () => {
      const { randomness, clocks } = stage.ports
      const rehearsalOf = { siteId: randomness.id('site'), target: {}, until: clocks.domain() }
      const request = { id: randomness.id('site'), cell: 'local', plan: 'trial', policyVersion: 1, entry: {} } as const
      const context = { actor: { kind: 'system' } as const, causationId: 'test', ...stage.ports }
      const blueprint = { name: 'welcome', version: 1 }
      await stage.ports.sites.commit(requestSite({ ...request, blueprint, rehearsalOf }, context))
      await failEveryBuild()
      await fillPool(stage.ports, 'tick')
      expect(await building()).toBe(2)
    })

    it('does not hold the failures of one version against the next', async () => {
      await fillPool(stage.ports, 'tick')
      await failEveryBuild()
      await stage.ports.blueprints.publish(welcome(2))
      await fillPool(stage.ports, 'tick')
      expect((await stage.listed('building')).map(({ blueprint }) => blueprint.version)).toEqual([2, 2])
    })
  })
})
