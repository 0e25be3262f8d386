import { setTimeout as timer } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import { isLive, type Site } from '../../../core/site/site.ts'
import { skipCopy } from '../../../lambdas/endings/copy/begin-copies.ts'
import { brakeFromStore } from '../../../lambdas/trials/brake.ts'
import { paceFromStore, pullBrake, releaseBrake } from '../../../lambdas/trials/pull-brake.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { type DeadlineScene, day, deadlineScene, hour, minute } from './deadline-scene.ts'

const fromNow = (stage: DeadlineScene, milliseconds: number): Instant => plusMilliseconds(stage.scene.now, milliseconds)
const operator = { kind: 'operator', operatorId: 'op-1', role: 'admin' } as const
const openMany = async (stage: DeadlineScene, count: number, facts: object): Promise<void> => {
  for (let index = 0; index < count; index += 1) await stage.open(facts)
}
const errorsOf = (stage: DeadlineScene) => stage.lines.filter(({ level }) => level === 'error')
const deletedByOwner = (stage: DeadlineScene) =>
  stage.put({
    ...siteSamples.suspended,
    id: stage.ports.randomness.id('site'),
    deletion: { requestedAt: fromNow(stage, -8 * day), by: 'owner' },
  })

describe('the brake', () => {
  it('trips if a host slept for hours and a trial has ended by its clock', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    await stage.open({ trialEndsAt: fromNow(stage, hour), reminded: [1] })
    await stage.open({ trialEndsAt: fromNow(stage, 2 * day) })
    await deletedByOwner(stage)
    stage.pass(7 * hour)
    expect(await stage.sweep()).toEqual({ acted: 0, waiting: 1 })
    expect(await stage.brake()).toBe('clock')
    expect(stage.scene.events).toEqual([])
    expect(errorsOf(stage).map(({ fields }) => fields['event'])).toEqual(['brake-tripped'])
    // It stays so, and is said once.
    stage.pass(minute)
    expect(await stage.sweep()).toEqual({ acted: 0, waiting: 1 })
    expect(errorsOf(stage)).toHaveLength(1)
  })

  it.each([
    ['a wrong date', 400 * day],
    ['a date before, with something due by it', -2 * day],
  ])('trips on %s', async (_what, jump) => {
    const stage = await deadlineScene()
    await stage.sweep()
    await stage.open({ trialEndsAt: fromNow(stage, -3 * day), reminded: [1] })
    stage.pass(jump)
    await stage.sweep()
    expect(await stage.brake()).toBe('clock')
  })

  it('sees trials that ended by a wrong date behind the notices that were to come first', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    await stage.open()
    stage.pass(400 * day)
    await stage.sweep()
    expect(await stage.brake()).toBe('clock')
    expect(stage.scene.events).toEqual([])
  })

  it.each([
    ['a host has slept and nothing is due', 10 * day, false, 14 * day],
    ['the clock goes back and nothing is due', -30 * day, false, 14 * day],
    ['the clock is advanced on request', 20 * day, true, 3 * day],
    ['hours pass, and no more than six', 6 * hour, false, hour],
  ])('does not trip where %s', async (_what, jump, isTurned, endsIn) => {
    const stage = await deadlineScene()
    await stage.sweep()
    await stage.open({ trialEndsAt: fromNow(stage, endsIn) })
    stage.scene.isTurned = isTurned
    stage.pass(jump)
    await stage.sweep()
    expect(await stage.brake()).toBeUndefined()
    stage.scene.isTurned = false
    stage.pass(minute)
    await stage.sweep()
    expect(await stage.brake()).toBeUndefined()
  })

  it('trips if everything becomes due, and still sends notices', async () => {
    const stage = await deadlineScene({ unpurged: 100 })
    await stage.sweep()
    await stage.open({ trialEndsAt: fromNow(stage, 2 * day) })
    await openMany(stage, 100, { trialEndsAt: fromNow(stage, -hour) })
    await deletedByOwner(stage)
    stage.pass(minute)
    const { acted } = await stage.sweep()
    expect(await stage.brake()).toBe('too-many')
    expect(stage.eventsOf('SiteNoticesSkipped')).toHaveLength(100)
    expect(stage.eventsOf('SiteReminded')).toHaveLength(1)
    expect(stage.eventsOf('SiteSuspended')).toHaveLength(0)
    // What owners want gone themselves is not stopped.
    expect(stage.eventsOf('SitePurged')).toHaveLength(1)
    expect(acted).toBe(102)
    const [act] = await stage.ports.brakes.history(5)
    expect(act).toMatchObject({ act: 'tripped', because: 'too-many', actor: { kind: 'system' } })
    expect(act?.detail).toContain('the forecast allows 15 a day')
  })

  it('trips where more and more become due in a day, although each hour looks harmless', async () => {
    const stage = await deadlineScene({ unpurged: 5000 })
    await stage.sweep()
    for (let run = 0; run < 5 && (await stage.brake()) === undefined; run += 1) {
      await openMany(stage, 4, { trialEndsAt: fromNow(stage, -minute), reminded: [1] })
      stage.pass(hour)
      await stage.sweep()
    }
    expect(await stage.brake()).toBe('too-many')
    expect(stage.eventsOf('SiteSuspended')).toHaveLength(12)
  })

  it('does not trip if hundreds of trials end on a forecast day', async () => {
    const stage = await deadlineScene({ unpurged: 300 })
    const begin = stage.scene.now
    await openMany(stage, 300, { trialEndsAt: fromNow(stage, 14 * day) })
    stage.scene.isTurned = true
    while (stage.scene.now < plusMilliseconds(begin, 30 * day)) {
      const { acted } = await stage.sweep()
      const next = await stage.wakeUp(acted)
      if (next === undefined) throw new Error(`the brake is on: ${await stage.brake()}`)
      stage.scene.now = next
    }
    expect(await stage.brake()).toBeUndefined()
    expect(stage.eventsOf('SiteReminded')).toHaveLength(900)
    expect(stage.eventsOf('SiteSuspended')).toHaveLength(300)
  })

  it('does not trip on the forecast day where each site is copied every night before', async () => {
    const stage = await deadlineScene({ unpurged: 300, copies: { everyHours: 24, hour: 3, keep: 7 } })
    const context = { ...stage.ports, actor: operator, causationId: 'copy' }
    await openMany(stage, 30, { trialEndsAt: fromNow(stage, 3 * day), reminded: [1] })
    for (let hours = 0; hours < 3 * 24 + 1; hours += 1) {
      const due: Site[] = []
      for await (const site of stage.ports.sites.listDue({ kind: 'copy', until: stage.scene.now })) due.push(site)
      for (const site of due) if (isLive(site)) await stage.ports.sites.commit(skipCopy(site, 'unused', context))
      await stage.sweep()
      stage.pass(hour)
    }
    expect(await stage.brake()).toBeUndefined()
    expect((await stage.ports.brakes.read())?.forecast).toMatchObject({ today: 30 })
    expect(stage.eventsOf('SiteSuspended')).toHaveLength(6)
  })

  it('expects the sites that end soon after the window of their relocation', async () => {
    const stage = await deadlineScene()
    const window = { from: fromNow(stage, 30 * hour), until: fromNow(stage, 31 * hour), timeZone: 'UTC' }
    await stage.open({
      ...{ trialEndsAt: fromNow(stage, 32 * hour), reminded: [1] },
      relocation: {
        revision: 1,
        state: 'accepted',
        target: {},
        window,
        confirmDays: 7,
        draftedBy: 'op-1',
        announced: true,
      },
    })
    await stage.sweep()
    expect((await stage.ports.brakes.read())?.forecast).toMatchObject({ today: 0, tomorrow: 1 })
  })

  it('does not count again what a gate has postponed', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    await openMany(stage, 5, { trialEndsAt: fromNow(stage, -hour), reminded: [1], reprievedUntil: stage.scene.now })
    stage.pass(minute)
    expect((await stage.sweep()).acted).toBe(5)
    expect(await stage.ports.brakes.read()).toMatchObject({ begun: 0, spent: [{ count: 5 }] })
  })
})

describe('an operator', () => {
  it('releases the brake with a reason: what is due is the forecast then, and runs within the rate limit', async () => {
    const stage = await deadlineScene({ unpurged: 100 })
    await stage.sweep()
    await openMany(stage, 40, { trialEndsAt: fromNow(stage, -hour), reminded: [1] })
    stage.pass(minute)
    await stage.sweep()
    expect(await brakeFromStore(stage.ports.brakes).isOn()).toBe(true)
    await releaseBrake(stage.ports, { actor: operator, reason: 'The policy was meant so.' })
    expect(await brakeFromStore(stage.ports.brakes).isOn()).toBe(false)
    stage.pass(minute)
    expect(await stage.sweep()).toEqual({ acted: 5, waiting: 35 })
    expect((await stage.ports.brakes.read())?.forecast).toMatchObject({ today: 40 })
    expect(await stage.ports.brakes.history(1)).toMatchObject([
      { act: 'released', because: 'too-many', detail: 'The policy was meant so.', actor: operator },
    ])
  })

  it('releases a clock that is right as it is', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    await stage.open({ trialEndsAt: fromNow(stage, hour), reminded: [1] })
    stage.pass(3 * day)
    await stage.sweep()
    expect(await stage.brake()).toBe('clock')
    stage.pass(10 * day)
    await releaseBrake(stage.ports, { actor: operator, reason: 'The host was stopped.' })
    stage.pass(minute)
    expect(await stage.sweep()).toEqual({ acted: 1, waiting: 0 })
  })

  it('pulls it by hand, once or more often, and finds who did in its history', async () => {
    const stage = await deadlineScene()
    await stage.open({ trialEndsAt: fromNow(stage, -hour), reminded: [1] })
    await pullBrake(stage.ports, { actor: operator, reason: 'Something looks odd.' })
    await pullBrake(stage.ports, { actor: operator, reason: 'Still so.' })
    expect(await stage.sweep()).toEqual({ acted: 0, waiting: 1 })
    expect((await stage.ports.brakes.read())?.tripped).toMatchObject({ detail: 'Something looks odd.' })
    expect(await stage.ports.brakes.history(5)).toMatchObject([{ detail: 'Still so.' }, { because: 'operator' }])
  })

  it('who pulls it in the middle of a sweep wins', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    await stage.open({ trialEndsAt: fromNow(stage, -hour), reminded: [1] })
    const { sites, brakes } = stage.ports
    let isPulled = false
    const get: typeof sites.get = async (id) => {
      if (!isPulled) await pullBrake({ ...stage.ports, brakes }, { actor: operator, reason: 'Stop.' })
      isPulled = true
      return sites.get(id)
    }
    Object.assign(stage.ports, { sites: { ...sites, get } })
    stage.pass(minute)
    expect(await stage.sweep()).toEqual({ acted: 0, waiting: 1 })
    expect(stage.eventsOf('SiteOperationBegun')).toEqual([])
  })

  it('who releases a brake that is off changes nothing', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    const before = await stage.ports.brakes.read()
    await releaseBrake(stage.ports, { actor: operator, reason: 'To be sure.' })
    expect(await stage.ports.brakes.read()).toEqual(before)
    expect(await stage.ports.brakes.history(5)).toEqual([])
  })
})

describe('the rate limit of other removals', () => {
  it('is the same pace, and stands still while the brake is on', async () => {
    const stage = await deadlineScene()
    const pace = paceFromStore(stage.ports)
    const takes = async (times: number) => {
      const taken: boolean[] = []
      for (let time = 0; time < times; time += 1) taken.push(await pace.take('role of site_x'))
      return taken.filter(Boolean).length
    }
    expect(await takes(3)).toBe(3)
    await openMany(stage, 4, { trialEndsAt: fromNow(stage, -hour), reminded: [1] })
    expect(await stage.sweep()).toEqual({ acted: 2, waiting: 2 })
    expect(await takes(2)).toBe(0)
    stage.pass(hour + 5 * minute)
    await pullBrake(stage.ports, { actor: operator, reason: 'Stop.' })
    expect(await takes(2)).toBe(0)
  })
})

it('removals at the same moment do not take the record from each other', async () => {
  const stage = await deadlineScene()
  const { brakes } = stage.ports
  const slow = { ...brakes, read: () => brakes.read().finally(() => timer(1)) }
  const totals = { read: async () => [{ status: 'active' as const, plan: 'trial', sites: 1000 }] }
  const pace = paceFromStore({ ...stage.ports, brakes: slow, totals })
  const taken = await Promise.all(Array.from({ length: 16 }, () => pace.take('role of site_x')))
  expect(taken.filter(Boolean)).toHaveLength(16)
})

describe('the next wake-up', () => {
  it('is the next deadline, or the beginning of a day', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    expect(await stage.wakeUp()).toBe('2026-03-02T00:00:00.000Z')
    await stage.open({ trialEndsAt: fromNow(stage, hour), reminded: [1] })
    expect(await stage.wakeUp()).toBe(fromNow(stage, hour))
    await stage.open({ trialEndsAt: fromNow(stage, 7 * day + minute), reminded: [] })
    expect(await stage.wakeUp()).toBe(fromNow(stage, minute))
  })

  it('is when the rate limit lets the next one through, where some wait', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    await openMany(stage, 6, { trialEndsAt: fromNow(stage, -hour), reminded: [1] })
    const { acted, waiting } = await stage.sweep()
    expect({ acted, waiting }).toEqual({ acted: 5, waiting: 1 })
    const next = await stage.wakeUp(acted)
    expect(next).toBe(fromNow(stage, hour + 5 * minute))
    stage.scene.now = next ?? ''
    expect((await stage.sweep()).acted).toBe(1)
  })

  it('is a minute later where a run has left something over, and no longer waits for what does not move', async () => {
    const stage = await deadlineScene()
    await stage.sweep()
    await openMany(stage, 201, { trialEndsAt: fromNow(stage, 7 * day) })
    const first = await stage.sweep()
    expect(first.acted).toBe(200)
    expect(await stage.wakeUp(first.acted)).toBe(fromNow(stage, minute))
    expect(await stage.wakeUp(0)).toBe('2026-03-02T00:00:00.000Z')
  })

  it('ignores braked steps, and everything while the clock is wrong', async () => {
    const stage = await deadlineScene()
    await stage.open({ trialEndsAt: fromNow(stage, hour), reminded: [1] })
    await pullBrake(stage.ports, { actor: operator, reason: 'Stop.' })
    expect(await stage.wakeUp()).toBe('2026-03-02T00:00:00.000Z')
    await releaseBrake(stage.ports, { actor: operator, reason: 'Continue.' })
    stage.pass(9 * hour)
    await stage.sweep()
    expect(await stage.brake()).toBe('clock')
    expect(await stage.wakeUp()).toBeUndefined()
  })
})
