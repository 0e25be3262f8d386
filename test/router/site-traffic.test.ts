import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSiteTraffic, createSlidingMinute, createTrafficOfSites } from '../../router/site-traffic.ts'
import { siteId } from './sites.ts'

const limits = { requestsPerMinute: 3000, bandwidthMiBPerMinute: 2, connections: 3, uploadMiB: 1, storageMiB: 1 }
const mebibyte = 1_048_576

const setUp = () => {
  const time = { now: 12_345_678 }
  const traffic = createSiteTraffic({ now: () => time.now, roomForOthers: 1 })
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

describe('the traffic of several clients', () => {
  const setUpClients = (change: Partial<typeof limits> = {}, roomForOthers = 1) => {
    const time = { now: 0 }
    const traffic = createSiteTraffic({ now: () => time.now, roomForOthers })
    const own = { ...limits, requestsPerMinute: 100, ...change }
    const ask = (client: string, count = 1, bytes = 0) => {
      let admitted = 0
      for (let turn = 0; turn < count; turn += 1) {
        if (traffic.enter(own, client) !== undefined) continue
        admitted += 1
        traffic.carry(bytes, client)
        traffic.leave(client)
      }
      return admitted
    }
    return { time, traffic, own, ask }
  }

  it('gives all of a plan to a client that is alone', () => {
    const { ask } = setUpClients()
    expect(ask('one', 200)).toBe(100)
  })

  it('admits a second client where the first has used up the requests, and the first no more', () => {
    const { ask } = setUpClients()
    ask('one', 100)
    expect(ask('two', 40)).toBe(40)
    expect(ask('one')).toBe(0)
  })

  it('gives nobody more than about the fair share of used-up requests', () => {
    const { ask, time } = setUpClients()
    ask('one', 100)
    expect(ask('two', 200)).toBeLessThanOrEqual(51)
    expect(ask('three')).toBe(1)
    time.now += 61_000
    expect(ask('one')).toBe(1)
  })

  it('counts requests of the minute before', () => {
    const { ask, time } = setUpClients()
    time.now = 59_000
    ask('one', 100)
    time.now = 62_000
    expect(ask('two', 10)).toBe(10)
    expect(ask('one')).toBe(0)
  })

  it('admits a second client where the first has all connections', () => {
    const { traffic, own } = setUpClients({ connections: 10 })
    for (let count = 0; count < 10; count += 1) expect(traffic.enter(own, 'one')).toBeUndefined()
    expect(traffic.enter(own, 'one')).toMatchObject({ what: 'connections' })
    for (let count = 0; count < 5; count += 1) expect(traffic.enter(own, 'two')).toBeUndefined()
    expect(traffic.enter(own, 'two')).toMatchObject({ what: 'connections' })
  })

  it('closes the oldest lasting connection of the greediest client for one below its share', () => {
    const { traffic, own } = setUpClients({ connections: 10 })
    const closed: string[] = []
    for (const client of ['a', 'b', 'c', 'd', 'e']) {
      for (let count = 0; count < 10; count += 1) {
        const close = () => {
          closed.push(`${client}${count}`)
          traffic.leave(client, close)
        }
        traffic.enter(own, client, close)
      }
    }
    // The last of the greedy ones found no room either.
    expect(closed).toEqual(['a0', 'a1'])
    expect(traffic.enter(own, 'honest')).toBeUndefined()
    expect(closed).toEqual(['a0', 'a1', 'a2'])
    expect(traffic.enter(own, 'a')).toMatchObject({ what: 'connections' })
    expect(traffic.enter(own)).toMatchObject({ what: 'connections' })
    expect(closed).toHaveLength(3)
  })

  it('closes no request for another client', () => {
    const { traffic, own } = setUpClients({ connections: 10 })
    for (const client of ['a', 'b', 'c', 'd', 'e']) {
      for (let count = 0; count < 10; count += 1) traffic.enter(own, client)
    }
    expect(traffic.enter(own, 'honest')).toMatchObject({ what: 'connections' })
  })

  it('admits a second client where the first has used up the bandwidth', () => {
    const { ask } = setUpClients()
    ask('one', 3, mebibyte)
    expect(ask('one')).toBe(0)
    expect(ask('two')).toBe(1)
  })

  it.each(['requests', 'bytes', 'connections'] as const)('holds many small clients to the plan’s %s', (what) => {
    const { traffic, own, time } = setUpClients({ connections: 100, bandwidthMiBPerMinute: 100 })
    let admitted = 0
    for (let client = 0; client < 1000; client += 1) {
      if (traffic.enter(own, `client ${client}`) === undefined) {
        admitted += 1
        if (what === 'bytes') traffic.carry(mebibyte, `client ${client}`)
        if (what !== 'connections') traffic.leave(`client ${client}`)
      }
      time.now += 20
    }
    expect(admitted).toBeGreaterThanOrEqual(100)
    expect(admitted).toBeLessThanOrEqual(102)
  })

  it('never admits more than plan and room together', () => {
    const { ask } = setUpClients({}, 0.2)
    ask('one', 100)
    expect(ask('two', 50)).toBe(20)
  })

  it('gives no share without room, and none to a client without an address', () => {
    const off = setUpClients({}, 0)
    off.ask('one', 100)
    expect(off.ask('two')).toBe(0)
    const on = setUpClients()
    on.ask('one', 100)
    expect(on.ask('')).toBe(0)
  })
})

describe('the traffic of many sites', () => {
  it('is counted per site', () => {
    const sites = createTrafficOfSites({ now: () => 0, roomForOthers: 1 })
    for (let count = 0; count < 3; count += 1) sites.of(siteId(1)).enter(limits)
    expect(sites.of(siteId(1)).enter(limits)).toBeDefined()
    expect(sites.of(siteId(2)).enter(limits)).toBeUndefined()
  })

  it('drops the site idle longest, but none with connections', () => {
    const sites = createTrafficOfSites({ now: () => 0, roomForOthers: 1, capacity: 3 })
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
