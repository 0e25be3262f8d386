import { describe, expect, it } from 'vitest'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import { actOnDeadlines } from '../../../lambdas/trials/act-on-deadlines.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { type DeadlineScene, day, deadlineScene, hour, minute } from './deadline-scene.ts'

const fromNow = (stage: DeadlineScene, milliseconds: number): Instant => plusMilliseconds(stage.scene.now, milliseconds)

/** As a clock does it: a sweep every so often, for so long. */
const runFor = async (stage: DeadlineScene, length: number, every: number): Promise<void> => {
  for (let passed = 0; passed < length; passed += every) {
    stage.pass(every)
    await stage.sweep()
  }
}

const openMany = async (stage: DeadlineScene, count: number, facts: (index: number) => object): Promise<void> => {
  for (let index = 0; index < count; index += 1) await stage.open(facts(index))
}

describe('the sweep', () => {
  it('sends three reminders and then suspends', async () => {
    const stage = await deadlineScene()
    const { id } = await stage.open()
    await runFor(stage, 15 * day, 5 * hour)
    const told = stage.eventsOf('SiteReminded').map(({ data }) => data.daysBefore)
    expect(told).toEqual([7, 3, 1])
    expect(await stage.ports.sites.get(id)).toMatchObject({ status: 'suspended', suspendedBecause: 'trial-ended' })
  })

  it('goes through every stage in time, with two warnings', async () => {
    const stage = await deadlineScene()
    const { id } = await stage.open()
    stage.scene.isTurned = true
    const begin = Date.parse(stage.scene.now)
    const seen = new Map<string, number>()
    while (!seen.has('purged')) {
      const { acted } = await stage.sweep()
      const status = (await stage.ports.sites.get(id))?.status ?? ''
      if (!seen.has(status)) seen.set(status, (Date.parse(stage.scene.now) - begin) / day)
      const next = await stage.wakeUp(acted)
      if (next === undefined) throw new Error('the clock stands still')
      stage.scene.now = next
    }
    expect(Object.fromEntries(seen)).toEqual({ active: 0, suspended: 14, archived: 35, purged: 125 })
    expect(stage.eventsOf('SiteWarned').map(({ data }) => data.daysBefore)).toEqual([14, 3])
  })

  it('sends one of several late notices, and none after the deadline', async () => {
    const stage = await deadlineScene()
    await stage.open({ trialEndsAt: fromNow(stage, 2 * day) })
    const late = await stage.open({ trialEndsAt: fromNow(stage, -minute) })
    await stage.sweep()
    expect(stage.eventsOf('SiteReminded').map(({ data }) => data.daysBefore)).toEqual([3])
    expect(stage.eventsOf('SiteNoticesSkipped').map(({ aggregate }) => aggregate.id)).toEqual([late.id])
    expect((await stage.ports.sites.get(late.id))?.status).toBe('suspended')
  })

  it('begins the earliest steps within the rate limit and counts the waiting ones', async () => {
    const stage = await deadlineScene({ unpurged: 300 })
    await openMany(stage, 40, (index) => ({ trialEndsAt: fromNow(stage, -index * minute), reminded: [1] }))
    expect(await stage.sweep()).toEqual({ acted: 6, waiting: 34 })
    expect(await stage.sweep()).toEqual({ acted: 0, waiting: 34 })
    stage.pass(hour + 5 * minute)
    expect((await stage.sweep()).acted).toBe(6)
    await runFor(stage, 20 * hour, 5 * minute)
    expect(stage.eventsOf('SiteSuspended')).toHaveLength(30)
    const ends = await Promise.all(
      stage.eventsOf('SiteSuspended').map(({ aggregate }) => stage.ports.sites.get(aggregate.id)),
    )
    const endedAt = ends.map((site) => (site?.status === 'suspended' ? site.trialEndsAt : ''))
    expect(endedAt).toEqual(endedAt.toSorted())
    expect(await stage.brake()).toBeUndefined()
  })

  it('begins owners’ deletions at once, outside the rate limit', async () => {
    const stage = await deadlineScene()
    await openMany(stage, 12, () => ({ trialEndsAt: fromNow(stage, -day), reminded: [1] }))
    for (let index = 0; index < 9; index += 1) {
      await stage.put({
        ...siteSamples.suspended,
        id: stage.ports.randomness.id('site'),
        deletion: { requestedAt: fromNow(stage, -8 * day), by: 'owner' },
      })
    }
    expect(await stage.sweep()).toEqual({ acted: 9 + 5, waiting: 7 })
    expect(stage.eventsOf('SitePurged')).toHaveLength(9)
    expect(await stage.ports.brakes.read()).toMatchObject({ begun: 5 })
  })

  it('leaves alone what is extended, held or paid for at the moment it looks', async () => {
    const stage = await deadlineScene()
    const ended = { trialEndsAt: fromNow(stage, -minute), reminded: [1] }
    const site = await stage.open(ended)
    const paid = await stage.open({ ...ended, plan: 'starter' })
    const { sites } = stage.ports
    // The index still shows it, and the record says something else.
    const ports = {
      ...stage.ports,
      sites: { ...sites, get: async () => ({ ...site, trialEndsAt: fromNow(stage, day), reminded: [1] }) },
    }
    expect(await actOnDeadlines(ports, 'tick')).toEqual({ acted: 0, waiting: 1 })
    expect((await sites.get(paid.id))?.status).toBe('active')
    expect(await stage.ports.brakes.read()).toMatchObject({ begun: 0, spent: [] })
  })

  it('continues after a failure and throws at the end', async () => {
    const stage = await deadlineScene()
    const ended = { trialEndsAt: fromNow(stage, -minute), reminded: [1] }
    const [one, other] = [await stage.open(ended), await stage.open(ended)]
    const reminded = { trialEndsAt: fromNow(stage, 2 * day) }
    const [unread, soon] = [await stage.open(reminded), await stage.open(reminded)]
    const deletion = { requestedAt: fromNow(stage, -8 * day), by: 'owner' } as const
    const deleted = { ...siteSamples.suspended, id: stage.ports.randomness.id('site'), deletion }
    await stage.put(deleted)
    // One in each queue.
    const failing: readonly string[] = [unread.id, deleted.id, one.id]
    const { sites } = stage.ports
    const ports = {
      ...stage.ports,
      sites: {
        ...sites,
        get: async (id: typeof one.id) => {
          if (failing.includes(id)) throw new Error('refused')
          return sites.get(id)
        },
      },
    }
    await expect(actOnDeadlines(ports, 'tick')).rejects.toMatchObject({
      kind: 'Unavailable',
      message: `Deadline processing failed for: ${failing.join(', ')}`,
    })
    expect((await sites.get(other.id))?.status).toBe('suspended')
    expect(await sites.get(soon.id)).toMatchObject({ reminded: [3] })
  })

  it('counts before it acts', async () => {
    const stage = await deadlineScene()
    await openMany(stage, 12, () => ({ trialEndsAt: fromNow(stage, -minute), reminded: [1] }))
    const { sites } = stage.ports
    const crashing = {
      ...stage.ports,
      sites: {
        ...sites,
        commit: async () => {
          throw new Error('the process has ended')
        },
      },
    }
    await expect(actOnDeadlines(crashing, 'tick')).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(await stage.sweep()).toEqual({ acted: 0, waiting: 12 })
    stage.pass(hour + 5 * minute)
    expect(await stage.sweep()).toEqual({ acted: 5, waiting: 7 })
  })

  it('starts committed operations or leaves them to the healing sweep', async () => {
    const stage = await deadlineScene()
    const { id } = await stage.open({ trialEndsAt: fromNow(stage, -minute), reminded: [1] })
    const outage = { start: () => Promise.reject(new Error('outage')), status: async () => 'unknown' as const }
    expect(await actOnDeadlines({ ...stage.ports, workflows: outage }, 'tick')).toEqual({ acted: 1, waiting: 0 })
    expect(await stage.ports.sites.get(id)).toMatchObject({
      status: 'active',
      operation: { kind: 'suspend', fence: 1 },
    })
  })

  it('has nothing to say about a quiet place', async () => {
    const stage = await deadlineScene()
    await stage.open()
    expect(await stage.sweep()).toEqual({ acted: 0, waiting: 0 })
    expect(stage.lines).toEqual([])
  })
})
