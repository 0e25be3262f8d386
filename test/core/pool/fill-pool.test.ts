import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fillPool } from '../../../core/pool/fill-pool.ts'
import { failBuild } from '../../../core/site/build-site.ts'
import { createSite } from '../../../core/site/create-site.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import { buildForPool, requestForPool } from '../../support/build-for-pool.ts'
import type { Provisioning } from '../../support/provisioning.ts'
import { openProvisioning, welcome } from '../../support/provisioning.ts'

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
    await createSite(stage.ports, stage.wishOf('harbour'))
    await createSite(stage.ports, stage.wishOf('meadow'))
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toHaveLength(4)
  })

  it('does not count what is built in another cell', async () => {
    await requestForPool(stage)
    await fillPool({ ...stage.ports, cell: 'elsewhere' }, 'tick')
    const cells = (await stage.listed('building')).map(({ cell }) => cell)
    expect(cells.toSorted()).toEqual(['elsewhere', 'elsewhere', 'local'])
  })

  it('builds the newest version', async () => {
    await stage.ports.blueprints.publish(welcome(10))
    await stage.ports.blueprints.publish(welcome(9))
    await fillPool(stage.ports, 'tick')
    expect((await stage.listed('building')).map(({ blueprint }) => blueprint.version)).toEqual([10, 10])
  })

  it('says so where the blueprint was never published, and goes on living', async () => {
    await fillPool({ ...stage.ports, offeredBlueprints: ['shop'] }, 'tick')
    expect(stage.ports.log.lines).toMatchObject([{ level: 'error', fields: { blueprint: 'shop' } }])
    expect(await stage.listed('building')).toEqual([])
  })

  it('keeps what it committed where the workflows are away', async () => {
    stage.ports.workflows.outage = new Error('away')
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toHaveLength(2)
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

    it('waits before the next one, says so, and then tries with a single one', async () => {
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
      await createSite(stage.ports, stage.wishOf('harbour'))
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
