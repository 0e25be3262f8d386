import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../../core/config/config.ts'
import { plusDays } from '../../../core/instant.ts'
import { type LeadFacts, type LeadPolicy, leadPolicySchema } from '../../../lambdas/leads/lead-facts.ts'
import { isActivated, nextCheck, reasonText, scoreLead } from '../../../lambdas/leads/score-lead.ts'
import shipped from '../../../sitewright.config.ts'

const now = '2026-05-10T12:00:00.000Z'
const policy = leadPolicySchema.parse({})

const facts = (more: Partial<LeadFacts> = {}): LeadFacts => ({
  signedUpAt: '2026-05-01T12:00:00.000Z',
  isClosed: false,
  companyMail: false,
  sites: { live: 1, paid: 0, ended: 0 },
  extensions: 0,
  usage: [],
  contactRequests: { count: 0 },
  refusals: { count: 0 },
  ...more,
})
const usedOn = (...daysAgo: readonly number[]) => ({
  usage: daysAgo.map((ago) => ({ day: plusDays(now, -ago).slice(0, 10), requests: 10 })),
})
const score = (more: Partial<LeadFacts>, at = now, by: LeadPolicy = policy) => scoreLead(facts(more), by, at)
const words = (more: Partial<LeadFacts>, at?: string) => score(more, at).reasons.map(reasonText)

describe('a score', () => {
  it.each<[string, Partial<LeadFacts>, readonly string[]]>([
    ['use on some days of the last week', usedOn(9, 5, 3, 1, 0), ['+20: used on 4 of the last 7 days']],
    [
      'a storage that is nearly full',
      { ...usedOn(0), storagePercent: 92.4 },
      ['+5: used on 1 of the last 7 days', '+15: 92 % of its storage'],
    ],
    [
      'what the plan does not have',
      { ...usedOn(0), refusals: { count: 2, lastAt: now } },
      ['+5: used on 1 of the last 7 days', '+10: asked twice for what the plan does not include'],
    ],
    [
      'what the plan does not have, by its name',
      { ...usedOn(0), refusals: { count: 3, lastAt: now, features: { customDomain: 2, 'a longer trial': 1 } } },
      ['+5: used on 1 of the last 7 days', '+15: refused a longer trial, custom domain 3 times'],
    ],
    [
      'the address of a company',
      { ...usedOn(0), companyMail: true },
      ['+5: used on 1 of the last 7 days', '+10: has the e-mail address of a company'],
    ],
    [
      'what the product reported in the last week',
      {
        ...usedOn(0),
        productEvents: [
          { day: '2026-05-03', name: 'course.created', count: 9 },
          { day: '2026-05-04', name: 'course.created', count: 2 },
          { day: '2026-05-10', name: 'user.added', count: 7 },
          { day: '2026-05-10', name: 'course.created', count: 1 },
        ],
      },
      [
        '+5: used on 1 of the last 7 days',
        '+6: course.created 3 times in the last 7 days',
        '+1: product events 10 times in the last 7 days',
      ],
    ],
    ['no use for long', {}, ['−10: not used for 9 days']],
    [
      'a trial that ends soon',
      { ...usedOn(0), trialEndsAt: plusDays(now, 2.5) },
      ['+5: used on 1 of the last 7 days', '+5: the trial ends in 3 days'],
    ],
  ])('gives points with a reason for %s', (_, more, expected) => {
    const byEvents = [
      { fact: 'productEvents', event: 'course.created', points: 2, per: 1 },
      { fact: 'productEvents', points: 1 },
    ] as const
    const rules = [...policy.rules, ...leadPolicySchema.parse({ rules: byEvents }).rules]
    expect(score(more, now, { ...policy, rules }).reasons.map(reasonText)).toEqual(expected)
  })

  it('halves the points of a contact request in the half-life', () => {
    const asked = { ...usedOn(0), contactRequests: { count: 1, lastAt: now } }
    expect(words(asked)).toContain('+30: asked for sales once')
    expect(words(asked, plusDays(now, 14))).toContain('+15: asked for sales once')
  })

  it('is at least 0 and at most 100', () => {
    expect(score({}).score).toBe(0)
    const rules = [
      { fact: 'usedDays', points: 90, per: 1, max: 90 },
      { fact: 'liveSites', points: 90 },
    ]
    expect(score(usedOn(0), now, leadPolicySchema.parse({ rules })).score).toBe(100)
  })

  it('does not count days after its instant, which a clock that jumped left', () => {
    expect(words(usedOn(-3, 0))).toEqual(['+5: used on 1 of the last 7 days'])
  })
})

describe('a stage', () => {
  const activatedAt = '2026-05-02T12:00:00.000Z'
  const paid = { live: 1, paid: 1, ended: 0 }
  const asked = { contactRequests: { count: 1, lastAt: plusDays(now, -3) } }
  it.each<[string, Partial<LeadFacts>]>([
    ['signed-up', {}],
    ['activated', { activatedAt, ...usedOn(8, 1) }],
    ['engaged', { activatedAt, ...usedOn(3, 2, 1) }],
    ['asked', { ...asked }],
    ['customer', { sites: paid, ...usedOn(1) }],
    ['expanding', { sites: paid, ...usedOn(1), storagePercent: 85 }],
    ['expanding', { sites: paid, ...usedOn(1), ...asked }],
    ['at-risk', { sites: paid, ...usedOn(1), payment: 'overdue' }],
    ['at-risk', { sites: paid, ...usedOn(20) }],
    ['lost', { sites: { live: 0, paid: 0, ended: 1 } }],
    ['lost', { isClosed: true, sites: paid }],
  ])('is %s', (stage, more) => {
    expect(score(more).stage).toBe(stage)
  })

  it('leaves “asked” when the request is old', () => {
    expect(score(asked, plusDays(now, 27)).stage).toBe('signed-up')
  })
})

describe('an account', () => {
  it('is activated by days or by requests', () => {
    expect(isActivated(facts(usedOn(1)), policy)).toBe(false)
    expect(isActivated(facts(usedOn(2, 1)), policy)).toBe(true)
    expect(isActivated(facts({ usage: [{ day: '2026-05-10', requests: 50 }] }), policy)).toBe(true)
  })

  it('is activated by a product event instead, if the configuration names one', () => {
    const { activated } = leadPolicySchema.parse({ activated: { event: 'course.created', times: 2 } })
    const created = (count: number, name = 'course.created') =>
      facts({ ...usedOn(2, 1), productEvents: [{ day: '2026-04-20', name, count }] })
    const by = { ...policy, activated }
    expect(isActivated(facts(usedOn(2, 1)), by)).toBe(false)
    expect([created(1), created(2, 'user.added'), created(2)].map((each) => isActivated(each, by))).toEqual([
      false,
      false,
      true,
    ])
  })
})

describe('the next score', () => {
  it('is soon while a site runs, and never where nothing can change', () => {
    expect(nextCheck(facts(), policy, { now, isAwake: true })).toBe(plusDays(now, 0.25))
    const gone = facts({ sites: { live: 0, paid: 0, ended: 1 } })
    expect(nextCheck(gone, policy, { now, isAwake: false })).toBeUndefined()
  })

  it('comes after some months where rules and trials are longer than it looks ahead', () => {
    const slow = leadPolicySchema.parse({ rules: [{ fact: 'idleDays', points: -10, atLeast: 75 }] })
    expect(nextCheck(facts(), slow, { now: '2026-05-02T12:00:00.000Z', isAwake: false })).toBe(
      '2026-07-01T12:00:00.000Z',
    )
    const asked = facts({ sites: { live: 0, paid: 0, ended: 1 }, contactRequests: { count: 1, lastAt: now } })
    const long = leadPolicySchema.parse({ stages: { askedDays: 90 }, rules: [{ fact: 'extensions', points: 5 }] })
    expect(nextCheck(asked, long, { now, isAwake: false })).toBe(plusDays(now, 60))
    expect(nextCheck({ ...asked, isClosed: true }, long, { now, isAwake: false })).toBeUndefined()
  })

  it('comes when the score decays', () => {
    const check = nextCheck(facts(usedOn(2)), policy, { now, isAwake: false })
    expect(check).toBe(plusDays(now, 5))
  })
})

describe('the rules in the configuration', () => {
  const errorOf = (leads: object): string => {
    try {
      defineConfig({ ...structuredClone(shipped), leads } as Parameters<typeof defineConfig>[0])
      return 'it is valid'
    } catch (error) {
      return String(error)
    }
  }
  it.each<[string, object, string]>([
    [
      'a division by zero',
      { fact: 'requests', points: 1, per: 0 },
      'leads.rules.0.per: must be greater than 0: it divides',
    ],
    [
      'a half-life of zero',
      { fact: 'refusals', points: 1, halfLifeDays: 0 },
      'leads.rules.0.halfLifeDays: must be greater than 0',
    ],
    ['an unknown fact', { fact: 'shoeSize', points: 1 }, 'leads.rules.0.fact: must be one of the facts: usedDays'],
    [
      'a half-life of what has no instant',
      { fact: 'liveSites', points: 1, halfLifeDays: 7 },
      'leads.rules.0.halfLifeDays: must be absent',
    ],
    [
      'an event of another fact',
      { fact: 'requests', event: 'course.created', points: 1 },
      'leads.rules.0.event: must be absent',
    ],
    [
      'a name that is none',
      { fact: 'productEvents', event: 'Course Created', points: 1 },
      'leads.rules.0.event: must be lower-case letters',
    ],
    ['points of zero', { fact: 'liveSites', points: 0 }, 'leads.rules.0.points: must not be 0'],
  ])('are refused with their path for %s', (_, rule, expected) => {
    expect(errorOf({ rules: [rule] })).toContain(expected)
  })
})
