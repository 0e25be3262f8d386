import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import {
  type CustomDomain,
  customDomainSchema,
  type DomainFacts,
  domainTimes,
  judgeDomain,
  nextCheckAt,
  sightings,
} from '../../../lambdas/domains/custom-domain.ts'
import { addedAt, domainSamples } from './domain-samples.ts'

const { pending, verified, failing, releasing } = domainSamples
const both = (seen: (typeof sightings)[number]) => ({ ownership: seen, traffic: seen })
const right = { ownership: 'right', traffic: 'right' } as const

const judge = (domain: CustomDomain, facts: Partial<DomainFacts> = {}) =>
  judgeDomain(domain, {
    sighting: right,
    isEntitled: true,
    isOtherwiseUsed: false,
    hasLeft: false,
    now: '2026-03-10T12:00:00.000Z',
    ...facts,
  })

describe('a domain after a check', () => {
  it('is verified once both records are right, and not before', () => {
    expect(judge(pending)).toMatchObject({
      become: { state: 'verified', verifiedAt: '2026-03-10T12:00:00.000Z', version: 5 },
    })
    for (const ownership of sightings)
      for (const traffic of sightings) {
        if (ownership === 'right' && traffic === 'right') continue
        expect(judge(pending, { sighting: { ownership, traffic } })).toMatchObject({
          become: { state: 'pending', version: 4, seen: { ownership, traffic } },
        })
      }
  })

  // TXT and traffic, then the next state from: pending, verified, failing, releasing (records gone).
  it.each([
    ['right', 'right', 'verified', 'verified', 'verified', 'verified'],
    ['right', 'unknown', 'pending', 'verified', 'failing', 'releasing'],
    ['right', 'wrong', 'pending', 'failing', 'failing', 'releasing'],
    ['unknown', 'right', 'pending', 'verified', 'failing', 'releasing'],
    ['unknown', 'unknown', 'pending', 'verified', 'failing', 'releasing'],
    ['unknown', 'wrong', 'pending', 'failing', 'failing', 'releasing'],
    ['wrong', 'right', 'pending', 'failing', 'failing', 'releasing'],
    ['wrong', 'unknown', 'pending', 'failing', 'failing', 'releasing'],
    ['wrong', 'wrong', 'pending', 'failing', 'failing', 'releasing'],
  ] as const)('follows TXT %s and traffic %s: %s, %s, %s, %s', (ownership, traffic, ...states) => {
    const next = [pending, verified, failing, releasing].map((domain) =>
      judge(domain, { sighting: { ownership, traffic }, now: '2026-03-10T12:00:00.000Z' }),
    )
    expect(next).toMatchObject(states.map((state) => ({ become: { state } })))
  })

  it('is not released after a year of unclear answers, and after eight days of wrong ones', () => {
    const lives = (traffic: 'unknown' | 'wrong') => {
      let domain: CustomDomain = verified
      for (let hour = 0; hour < 24 * 365; hour += 1) {
        const now = plusMilliseconds('2026-03-10T12:00:00.000Z', hour * 3_600_000)
        const judged = judge(domain, { sighting: { ownership: 'right', traffic }, now })
        if ('release' in judged) return hour / 24
        domain = judged.become
      }
      return undefined
    }
    expect([lives('unknown'), lives('wrong')]).toEqual([undefined, 8])
  })

  it('stays due while it is to be served, and is waited with where it is not', () => {
    const now = '2026-03-10T12:00:00.000Z'
    for (const domain of [pending, verified, failing, releasing]) {
      expect(judge(domain, { now })).toMatchObject({ become: { state: 'verified', nextCheckAt: now } })
    }
    expect(judge(verified, { sighting: both('wrong'), now })).toMatchObject({
      become: { state: 'failing', nextCheckAt: now },
    })
    // In minutes: often while its owner waits, and no later than it would be released.
    for (const [domain, age, next] of [
      [pending, 59, 1],
      [pending, 60, 10],
      [pending, 24 * 60, 120],
      [releasing, 16 * 24 * 60, 60],
      [releasing, 17 * 24 * 60 - 5, 5],
      [releasing, 17 * 24 * 60, 60],
    ] as const) {
      const at = plusMilliseconds(addedAt, age * 60_000)
      expect(nextCheckAt(domain, at)).toBe(plusMilliseconds(at, next * 60_000))
    }
    const { become } = judge(pending, { sighting: both('wrong'), now }) as { become: CustomDomain }
    expect(become.nextCheckAt > now).toBe(true)
  })

  it('stays pending while another site of the account is served under it', () => {
    expect(judge(pending, { isOtherwiseUsed: true })).toMatchObject({ become: { state: 'pending' } })
  })

  it('is dropped after thirty days without records', () => {
    const lasts = plusMilliseconds(addedAt, domainTimes.pendingLasts)
    const facts = { sighting: both('wrong') }
    expect(judge(pending, { ...facts, now: plusMilliseconds(lasts, -1) })).toMatchObject({
      become: { state: 'pending' },
    })
    expect(judge(pending, { ...facts, now: lasts })).toEqual({ release: 'never-verified' })
  })

  it('fails when a record is gone, is warned of after a day, and released after a week more', () => {
    let domain: CustomDomain = verified
    let now = '2026-03-10T12:00:00.000Z'
    const states: string[] = []
    for (let hour = 0; hour < 24 * 20; hour += 1) {
      const judged = judge(domain, { sighting: { ownership: 'wrong', traffic: 'right' }, now })
      if ('release' in judged) {
        states.push(`released after ${hour} h because ${judged.release}`)
        break
      }
      if (judged.become.state !== domain.state) states.push(`${judged.become.state} after ${hour} h`)
      domain = judged.become
      now = plusMilliseconds(now, 3_600_000)
    }
    expect(states).toEqual(['failing after 0 h', 'releasing after 24 h', 'released after 192 h because records-gone'])
  })

  it('is verified again as soon as its records are back', () => {
    for (const domain of [failing, releasing]) {
      expect(judge(domain)).toMatchObject({ become: { state: 'verified', verifiedAt: domain.verifiedAt } })
    }
  })

  it('is warned of when its plan no longer has it, released a week later, and kept when the plan comes back', () => {
    const now = '2026-03-10T12:00:00.000Z'
    const judged = judge(verified, { isEntitled: false, now })
    expect(judged).toMatchObject({
      become: { state: 'releasing', because: 'plan-changed', releaseAt: plusDays(now, 7) },
    })
    const { become } = judged as { become: CustomDomain }
    expect(judge(become, { isEntitled: false, now: plusDays(now, 6) })).toMatchObject({
      become: { state: 'releasing' },
    })
    expect(judge(become, { isEntitled: false, now: plusDays(now, 7) })).toEqual({ release: 'plan-changed' })
    expect(judge(become, { now: plusDays(now, 30) })).toMatchObject({ become: { state: 'verified' } })
    expect(judge(become, { sighting: both('unknown') })).toMatchObject({ become: { state: 'verified' } })
  })

  it('drops a pending domain at once without the plan', () => {
    expect(judge(pending, { isEntitled: false })).toEqual({ release: 'plan-changed' })
  })

  const check = fc.record({
    sighting: fc.record({ ownership: fc.constantFrom(...sightings), traffic: fc.constantFrom(...sightings) }),
    isEntitled: fc.boolean(),
    later: fc.integer({ min: 0, max: 20 * 86_400_000 }),
  })
  type Check = typeof check extends fc.Arbitrary<infer Value> ? Value : never

  interface Life {
    readonly domain: CustomDomain | undefined
    readonly now: string
    readonly warnedAt?: string | undefined
  }

  const warnedSince = (before: CustomDomain, after: CustomDomain, life: Life, now: string) => {
    if (after.state !== 'releasing') return undefined
    return before.state === 'releasing' ? life.warnedAt : now
  }

  const expectGrounds = ({ warnedAt }: Life, { sighting, isEntitled }: Check, now: string): void => {
    expect(warnedAt).toBeDefined()
    expect(now >= plusDays(warnedAt!, 7)).toBe(true)
    expect(isEntitled && sighting.ownership !== 'wrong' && sighting.traffic !== 'wrong').toBe(false)
  }

  const live = (life: Life, { later, ...facts }: Check): Life => {
    if (life.domain === undefined) return life
    const now = plusMilliseconds(life.now, later)
    const judged = judge(life.domain, { ...facts, now })
    if ('release' in judged) {
      expectGrounds(life, { later, ...facts }, now)
      return { now, domain: undefined }
    }
    const { become } = judged
    expect(customDomainSchema.parse(become)).toEqual(become)
    expect(become.nextCheckAt >= now).toBe(true)
    expect(become.version - life.domain.version).toBe(become.state === life.domain.state ? 0 : 1)
    return { now, domain: become, warnedAt: warnedSince(life.domain, become, life, now) }
  }

  it('is never released without a warning of a week, whatever a check finds and whenever it runs', () => {
    let released = 0
    fc.assert(
      fc.property(fc.array(check, { maxLength: 30 }), (checks) => {
        const end = checks.reduce(live, { domain: verified, now: '2026-03-10T12:00:00.000Z' })
        if (end.domain === undefined) released += 1
      }),
      { numRuns: 2000 },
    )
    expect(released).toBeGreaterThan(100)
  })
})
