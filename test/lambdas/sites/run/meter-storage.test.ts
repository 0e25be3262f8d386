import { describe, expect, it } from 'vitest'
import { createSiteTotals } from '../../../../adapters/dynamodb/site-totals.ts'
import type { SiteEvent } from '../../../../core/events/event.ts'
import type { SiteId } from '../../../../core/ids.ts'
import type { ActiveSite } from '../../../../core/site/site.ts'
import { changePlan } from '../../../../lambdas/endings/act-on-site.ts'
import { suspendSite } from '../../../../lambdas/endings/end-site.ts'
import { type MeterStoragePorts, meterStorage } from '../../../../lambdas/sites/run/meter-storage.ts'
import { paceFromStore } from '../../../../lambdas/trials/pull-brake.ts'
import { createBrakeStore } from '../../../../lambdas/trials/store.ts'
import { reclaimScene } from '../../../support/reclaim-scene.ts'

/** What the configuration gives a trial, in bytes. */
const allowed = 256 * 1_048_576
const share = (percent: number): number => Math.round((allowed * percent) / 100)

const meterScene = async (change: Partial<MeterStoragePorts> = {}) => {
  const scene = await reclaimScene()
  const over = { client: scene.store.document, tables: scene.store.tables }
  const stored = new Map<SiteId, number | Error | undefined>()
  const measured: SiteId[] = []
  const started: string[] = []
  const events: SiteEvent[] = []
  const ports: MeterStoragePorts = {
    ...scene.ports,
    sites: {
      ...scene.ports.sites,
      commit: async (made) => {
        const result = await scene.ports.sites.commit(made)
        if (result.done) events.push(made.event)
        return result
      },
    },
    cells: ['local'],
    pace: paceFromStore({ ...scene.ports, brakes: createBrakeStore(over), totals: createSiteTotals(over) }),
    isStopping: () => false,
    meter: {
      measure: async ({ siteId }) => {
        measured.push(siteId)
        const bytes = stored.get(siteId)
        if (bytes instanceof Error) throw bytes
        return bytes
      },
    },
    workflows: {
      start: async (machine, name) => void started.push(`${machine} ${name}`),
      status: async () => 'unknown',
    },
    ...change,
  }
  /** A site that stores so much, and has been measured so often. */
  const open = async (percent: number, facts: Partial<ActiveSite> = {}): Promise<ActiveSite> => {
    const site = await scene.open(facts)
    stored.set(site.id, share(percent))
    return site
  }
  /** Half an hour later than the last time. */
  const meter = () => {
    scene.pass(1 / 48)
    return meterStorage(ports, 'evt_tick')
  }
  const noted = (id: SiteId) =>
    events.flatMap(({ type, aggregate, data }) =>
      type === 'SiteStorageNoted' && aggregate.id === id ? [data.because] : [],
    )
  return { ...scene, ports, stored, measured, started, events, open, meter, noted }
}

describe('metering storage', () => {
  it('notes once that a site comes near the end of it, is full, and has room again', async () => {
    const { open, stored, meter, noted, ports } = await meterScene()
    const { id } = await open(10)
    for (const percent of [10, 79, 81, 79, 90, 100, 99, 100, 96, 94, 80, 76, 70, 60]) {
      stored.set(id, share(percent))
      await meter()
    }
    expect(noted(id)).toEqual(['near', 'full', 'near', 'room'])
    expect(await ports.sites.get(id)).not.toHaveProperty('storage')
  })
  it('suspends a site that keeps growing although it is full, and stops what runs of it', async () => {
    const { open, meter, get, started, events } = await meterScene()
    const { id } = await open(150)
    await meter()
    // Its owner has just been told: until the next time they can delete something.
    expect(await get(id, 'active')).toMatchObject({ storage: 'full' })
    expect(started).toEqual([])
    await meter()
    const suspended = await get(id, 'suspended')
    expect(suspended).toMatchObject({ suspendedBecause: 'storage-full', operation: { kind: 'suspend' } })
    expect(suspended).not.toHaveProperty('storage')
    expect(started).toEqual([`suspend-site ${suspended.operation?.id}-1`])
    expect(events.at(-1)).toMatchObject({ type: 'SiteSuspended', data: { because: 'storage-full' } })
  })

  it('does so with a paid site as well, by what its plan allows', async () => {
    const { open, stored, meter, get } = await meterScene()
    const { id } = await open(150, { plan: 'starter' })
    await meter()
    await meter()
    expect(await get(id, 'active')).not.toHaveProperty('storage')
    stored.set(id, 2048 * 1_048_576 * 1.2)
    await meter()
    await meter()
    expect(await get(id, 'suspended')).toMatchObject({ suspendedBecause: 'storage-full' })
  })

  it('leaves a full site that grows no further alone', async () => {
    const { open, stored, meter, get } = await meterScene()
    const { id } = await open(105)
    for (let round = 0; round < 3; round += 1) await meter()
    expect(await get(id, 'active')).toMatchObject({ storage: 'full' })
    stored.set(id, share(109.9))
    await meter()
    await get(id, 'active')
  })

  it('suspends nothing while the brake is on, and continues once it is off', async () => {
    const { open, meter, get, brake, log } = await meterScene()
    const { id } = await open(150)
    brake.on = true
    await meter()
    await meter()
    await get(id, 'active')
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { event: 'storage-suspension-braked' } })
    brake.on = false
    await meter()
    await get(id, 'suspended')
  })

  it('stays within the rate limit of all removals', async () => {
    const { open, meter, get, ports, pass } = await meterScene()
    const { id } = await open(150)
    await meter()
    pass(1 / 48)
    for (let taken = 0; taken < 5; taken += 1) expect(await ports.pace.take('something else')).toBe(true)
    await meterStorage(ports, 'evt_tick')
    await get(id, 'active')
    pass(2 / 24)
    await meter()
    await get(id, 'suspended')
    for (let taken = 0; taken < 4; taken += 1) expect(await ports.pace.take('something else')).toBe(true)
    expect(await ports.pace.take('something else')).toBe(false)
  })

  it('gives the owner half an hour after the notice', async () => {
    const { open, meter, get, ports, pass } = await meterScene()
    const { id } = await open(150)
    await meter()
    for (let minutes = 0; minutes < 25; minutes += 5) {
      pass(5 / 1440)
      await meterStorage(ports, 'evt_tick')
    }
    await get(id, 'active')
    pass(5 / 1440)
    await meterStorage(ports, 'evt_tick')
    await get(id, 'suspended')
  })

  it('takes it for a mistake of ours where many overflow at once, and suspends none of them', async () => {
    const { open, meter, get, log } = await meterScene()
    const sites = await Promise.all(Array.from({ length: 6 }, () => open(150)))
    await meter()
    await meter()
    for (const { id } of sites) await get(id, 'active')
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { sites: 6, measured: 6 } })
  })

  it('spares a site with a larger plan', async () => {
    const { open, meter, get, ports, meanwhile, commit, context } = await meterScene()
    const { id } = await open(150)
    await meter()
    meanwhile(async () => {
      const site = await get(id, 'active')
      await commit(changePlan(site, { plan: 'starter', reason: 'paid' }, context()))
    })
    await meter()
    expect(await ports.sites.get(id)).toMatchObject({ status: 'active', plan: 'starter' })
  })

  it('notes nothing about a data directory that is no longer the site’s', async () => {
    const { open, meter, ports, get, commit, context, noted } = await meterScene()
    const { id } = await open(150)
    const { measure } = ports.meter
    const suspend = async () => {
      await commit(suspendSite(await get(id, 'active'), { because: 'operator' }, context()))
    }
    await meterStorage(
      {
        ...ports,
        meter: {
          measure: async (home) => {
            const bytes = await measure(home)
            await suspend()
            return bytes
          },
        },
      },
      'evt_tick',
    )
    await meter()
    expect(noted(id)).toEqual([])
  })

  it('continues after a failure and throws at the end', async () => {
    const { open, stored, meter, noted } = await meterScene()
    const [bad, good] = [await open(85), await open(85)]
    stored.set(bad.id, new Error('cannot be read'))
    await expect(meter()).rejects.toMatchObject({ name: 'Unavailable', message: expect.stringContaining(bad.id) })
    expect(noted(good.id)).toEqual(['near'])
  })

  it('leaves a site as it is where its storage is not known now', async () => {
    const { open, stored, meter, noted, get } = await meterScene()
    const { id } = await open(100)
    await meter()
    stored.set(id, undefined)
    await meter()
    expect(noted(id)).toEqual(['full'])
    expect(await get(id, 'active')).toMatchObject({ storage: 'full' })
  })

  it('does not measure what another installation looks after', async () => {
    const { open, meter, measured } = await meterScene({ cells: ['elsewhere'] })
    await open(150)
    await meter()
    expect(measured).toEqual([])
  })

  it('ends with its host', async () => {
    let checks = 0
    const { open, meter, measured } = await meterScene({
      isStopping: () => {
        checks += 1
        return checks > 1
      },
    })
    await open(85)
    await open(85)
    await meter()
    expect(measured).toHaveLength(1)
  })
})
