import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSiteTraffic, createSlidingMinute, createTrafficOfSites } from '../../router/site-traffic.ts'
import { siteId } from './sites.ts'

const limits = { requestsPerMinute: 3000, bandwidthMiBPerMinute: 2, connections: 3, uploadMiB: 1, storageMiB: 1 }
const mebibyte = 1_048_576

const setUp = () => {
  const time = { now: 12_345_678 }
  const traffic = createSiteTraffic(() => time.now)
  const visit = () => {
    const refused = traffic.enter(limits)
    if (refused === undefined) traffic.leave()
    return refused
  }
  return { time, traffic, visit }
}

describe('the traffic of a site', () => {
  it('admits a minute’s requests, refuses the next until its Retry-After', () => {
    const { time, visit } = setUp()
    for (let count = 0; count < 3000; count += 1) {
      expect(visit()).toBeUndefined()
      time.now += 10
    }
    const refused = visit()
    expect(refused).toMatchObject({ what: 'requests' })
    const wait = refused!.retryAfterSeconds
    expect(Number.isInteger(wait)).toBe(true)
    time.now += (wait - 1) * 1000
    expect(visit()).toMatchObject({ what: 'requests', retryAfterSeconds: 1 })
    time.now += 1000
    expect(visit()).toBeUndefined()
  })

  it('never exceeds the limit in any sixty seconds', () => {
    const { time, visit } = setUp()
    const admitted: number[] = []
    for (let turn = 0; turn < 20_000; turn += 1) {
      time.now += turn % 7 === 0 ? 37 : 2
      if (visit() === undefined) admitted.push(time.now)
    }
    admitted.forEach((at, index) => {
      const later = admitted[index + 3000]
      if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(60_000)
    })
    expect(admitted.length).toBeGreaterThan(3000)
  })

  it('does not count refused requests', () => {
    const { time, visit } = setUp()
    for (let count = 0; count < 3000; count += 1) visit()
    for (let second = 0; second < 61; second += 1) {
      expect(visit()).toMatchObject({ retryAfterSeconds: 61 - second })
      time.now += 1000
    }
    expect(visit()).toBeUndefined()
  })

  it('limits connections, and admits one when another leaves', () => {
    const { traffic } = setUp()
    for (let count = 0; count < 3; count += 1) expect(traffic.enter(limits)).toBeUndefined()
    expect(traffic.enter(limits)).toEqual({ what: 'connections', retryAfterSeconds: 1 })
    traffic.leave()
    expect(traffic.enter(limits)).toBeUndefined()
  })

  it('refuses new requests while the bandwidth is used up', () => {
    const { time, traffic, visit } = setUp()
    traffic.carry(2 * mebibyte - 1)
    expect(visit()).toBeUndefined()
    time.now += 30_000
    traffic.carry(5 * mebibyte)
    expect(visit()).toEqual({ what: 'bandwidth', retryAfterSeconds: 61 })
    time.now += 61_000
    expect(visit()).toBeUndefined()
  })

  it('applies the current plan', () => {
    const { traffic } = setUp()
    for (let count = 0; count < 3; count += 1) traffic.enter(limits)
    expect(traffic.enter(limits)).toBeDefined()
    expect(traffic.enter({ ...limits, connections: 4 })).toBeUndefined()
  })
})

describe('the traffic of many sites', () => {
  it('is counted per site', () => {
    const sites = createTrafficOfSites({ now: () => 0 })
    for (let count = 0; count < 3; count += 1) sites.of(siteId(1)).enter(limits)
    expect(sites.of(siteId(1)).enter(limits)).toBeDefined()
    expect(sites.of(siteId(2)).enter(limits)).toBeUndefined()
  })

  it('drops the site idle longest, but none with connections', () => {
    const sites = createTrafficOfSites({ now: () => 0, capacity: 3 })
    const [busy, idle, recent] = [1, 2, 3].map((number) => sites.of(siteId(number)))
    busy!.enter(limits)
    sites.of(siteId(4))
    expect(sites.of(siteId(1))).toBe(busy)
    expect(sites.of(siteId(3))).toBe(recent)
    expect(sites.of(siteId(2))).not.toBe(idle)
  })
})

describe('a sliding minute', () => {
  it('counts what was within the last minute, and never less than that', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 1, max: 1000 })), { maxLength: 200 }),
        (steps) => {
          const minute = createSlidingMinute()
          const all: { second: number; amount: number }[] = []
          let second = 5
          for (const [pause, amount] of steps) {
            second += pause
            minute.add(second, amount)
            all.push({ second, amount })
            const within = all.filter((one) => second - one.second <= 60).reduce((sum, one) => sum + one.amount, 0)
            expect(minute.total(second)).toBe(within)
          }
        },
      ),
    )
  })

  it('says in how many seconds the total is below a limit, and not a second more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 50 })), { minLength: 1 }),
        fc.integer({ min: 1, max: 200 }),
        (steps, limit) => {
          const minute = createSlidingMinute()
          let second = 0
          for (const [pause, amount] of steps) {
            second += pause
            minute.add(second, amount)
          }
          fc.pre(minute.total(second) >= limit)
          const wait = minute.secondsUntilBelow(second, limit)
          expect(wait).toBeGreaterThanOrEqual(1)
          if (wait > 1) expect(minute.total(second + wait - 1)).toBeGreaterThanOrEqual(limit)
          expect(minute.total(second + wait)).toBeLessThan(limit)
        },
      ),
    )
  })

  it('forgets everything over a long silence', () => {
    const minute = createSlidingMinute()
    minute.add(3, 10)
    minute.add(1_000_000, 1)
    expect(minute.total(1_000_000)).toBe(1)
    expect(minute.total(1_000_061)).toBe(0)
  })
})
