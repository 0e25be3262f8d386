import * as z from 'zod'
import { emailSchema } from '../../core/email.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import { productEventSchema } from '../reports/usage/product-events.ts'

const instant = z.iso.datetime({ precision: 3 })

const countedSchema = z.strictObject({ count: z.int().nonnegative(), lastAt: instant.optional() })

/** Requests of the owner that the plan does not allow, in all and for each feature. Older leads lack the features. */
export const refusalsSchema = countedSchema.extend({ features: z.record(z.string(), z.int().positive()).optional() })

/** The facts about an account when its lead is scored, by the domain clock. Nothing in it names a person. */
export const leadFactsSchema = z.strictObject({
  signedUpAt: instant,
  isClosed: z.boolean(),
  companyMail: z.boolean(),
  /** Sites in use or being built, sites with data that somebody pays for, and sites that were suspended, archived or purged. */
  sites: z.strictObject({ live: z.int().nonnegative(), paid: z.int().nonnegative(), ended: z.int().nonnegative() }),
  payment: z.enum(['overdue', 'cancelled']).optional(),
  /** The use of storage of the fullest site. */
  storagePercent: z.number().nonnegative().optional(),
  /** The next end of a trial that runs. */
  trialEndsAt: instant.optional(),
  /** The last day of the contract whose renewal came due last; before, of the first one. */
  contractEndsOn: z.iso.date().optional(),
  extensions: z.int().nonnegative(),
  /** Requests of the last days with use, oldest first. */
  usage: z.array(z.strictObject({ day: z.iso.date(), requests: z.int().positive() })).readonly(),
  /** What the product reported on these days, oldest first. */
  productEvents: z
    .array(z.strictObject({ day: z.iso.date(), name: productEventSchema, count: z.int().positive() }))
    .readonly()
    .optional(),
  activatedAt: instant.optional(),
  contactRequests: countedSchema,
  refusals: refusalsSchema,
})

export type LeadFacts = z.infer<typeof leadFactsSchema>

export const usageMemoryDays = 30

/** The days that count as the last week. */
const recentDays = 7

const dayOf = (at: Instant): string => at.slice(0, 10)

const daysBetween = (from: Instant, until: Instant): number => (Date.parse(until) - Date.parse(from)) / 86_400_000

/** A number that a rule can use. Its points can decay since `at`. */
interface Measured {
  readonly value: number
  readonly at?: Instant | undefined
  readonly about?: string | undefined
}

export interface FactForm {
  /** @param event restricts product events to those of this name. */
  readonly measure: (facts: LeadFacts, now: Instant, event?: string) => Measured | undefined
  /** The reason in words. */
  readonly say: (value: number, about?: string) => string
  readonly decays?: true
}

const recent = <Day extends { readonly day: string }>(all: readonly Day[], now: Instant): readonly Day[] => {
  const first = dayOf(plusDays(now, 1 - recentDays))
  return all.filter(({ day }) => day >= first && day <= dayOf(now))
}

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)

/** Such as `custom domain` for `customDomain`. */
const inWords = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`)

export const usedDaysOf = ({ usage }: LeadFacts, now: Instant): number => recent(usage, now).length

/** How often an event happened; without a name, all of them. */
export const eventCount = (events: LeadFacts['productEvents'] = [], event?: string): number =>
  events.reduce((sum, { name, count }) => sum + (event === undefined || event === name ? count : 0), 0)

const form = (measure: FactForm['measure'], say: FactForm['say']): FactForm => ({ measure, say })

export const factForms = {
  usedDays: form(
    (facts, now) => ({ value: usedDaysOf(facts, now) }),
    (value) => `used on ${value} of the last ${recentDays} days`,
  ),
  requests: form(
    ({ usage }, now) => ({ value: recent(usage, now).reduce((sum, { requests }) => sum + requests, 0) }),
    (value) => `${value} requests in the last ${recentDays} days`,
  ),
  productEvents: form(
    ({ productEvents = [] }, now, event) => ({ value: eventCount(recent(productEvents, now), event) }),
    (value, event = 'product events') => `${event} ${times(value)} in the last ${recentDays} days`,
  ),
  idleDays: form(
    ({ usage, signedUpAt, sites }, now) => {
      const last = usage.at(-1)?.day
      const since = last === undefined ? signedUpAt : `${last}T00:00:00.000Z`
      return sites.live === 0 ? undefined : { value: Math.max(0, Math.floor(daysBetween(since, now))) }
    },
    (value) => `not used for ${days(value)}`,
  ),
  storagePercent: form(
    ({ storagePercent }) => (storagePercent === undefined ? undefined : { value: Math.round(storagePercent) }),
    (value) => `${value} % of its storage`,
  ),
  liveSites: form(
    ({ sites }) => ({ value: sites.live }),
    (value) => (value === 1 ? 'has 1 site in use' : `has ${value} sites in use`),
  ),
  trialDaysLeft: form(
    ({ trialEndsAt }, now) =>
      trialEndsAt === undefined || trialEndsAt <= now ? undefined : { value: Math.ceil(daysBetween(now, trialEndsAt)) },
    (value) => `the trial ends in ${days(value)}`,
  ),
  extensions: form(
    ({ extensions }) => ({ value: extensions }),
    (value) => `extended the trial ${times(value)}`,
  ),
  activated: form(
    ({ activatedAt }) => ({ value: activatedAt === undefined ? 0 : 1 }),
    () => 'activated',
  ),
  companyMail: form(
    ({ companyMail }) => ({ value: companyMail ? 1 : 0 }),
    () => 'has the e-mail address of a company',
  ),
  contactRequests: {
    measure: ({ contactRequests: { count, lastAt } }: LeadFacts): Measured => ({ value: count, at: lastAt }),
    say: (value: number): string => `asked for sales ${times(value)}`,
    decays: true,
  },
  refusals: {
    measure: ({ refusals: { count, lastAt, features } }: LeadFacts): Measured => ({
      value: count,
      at: lastAt,
      about: features && Object.keys(features).toSorted().map(inWords).join(', '),
    }),
    say: (value: number, features?: string): string =>
      features === undefined
        ? `asked ${times(value)} for what the plan does not include`
        : `refused ${features} ${times(value)}`,
    decays: true,
  },
} as const satisfies Readonly<Record<string, FactForm>>

export type FactName = keyof typeof factForms

const isFact = (name: string): name is FactName => Object.hasOwn(factForms, name)

export const factNames = Object.keys(factForms).filter(isFact)

/** Reads a fact as a number; undefined if it is not known. */
export const measure = (name: FactName, facts: LeadFacts, now: Instant, event?: string): Measured | undefined => {
  const { measure: read }: FactForm = factForms[name]
  return read(facts, now, event)
}

const canDecay = (name: FactName): boolean => 'decays' in factForms[name]

/** Aborts, so that one mistake is reported once. */
const must = (error: string) => ({ error, abort: true })
const divisor = z.number().positive(must('must be greater than 0: it divides'))

/** Points for a fact. With `per`, as often as the fact has so many; without it, once. The fact must be within the bounds. */
const ruleSchema = z
  .strictObject({
    fact: z.enum(factNames, must(`must be one of the facts: ${factNames.join(', ')}`)),
    /** A name that blueprints declare; without it, all product events count. */
    event: productEventSchema.optional(),
    points: z
      .int()
      .min(-100)
      .max(100)
      .refine((points) => points !== 0, 'must not be 0'),
    atLeast: z.number().default(1),
    atMost: z.number().optional(),
    per: divisor.optional(),
    /** The most points of the rule, with `per`. */
    max: z.int().min(1).max(100).optional(),
    /** After so many days, half of the points are left. */
    halfLifeDays: divisor.optional(),
  })
  .superRefine(({ fact, event, halfLifeDays }, context) => {
    if (event !== undefined && fact !== 'productEvents') {
      context.addIssue({ code: 'custom', path: ['event'], message: 'must be absent: only productEvents has it' })
    }
    if (halfLifeDays === undefined || canDecay(fact)) return
    const message = `must be absent: only ${factNames.filter(canDecay).join(' and ')} decay`
    context.addIssue({ code: 'custom', path: ['halfLifeDays'], message })
  })
export type LeadRule = z.infer<typeof ruleSchema>

const share = z.number().min(1).max(100)
const wholeDays = z.int().min(1).max(365)

const usualRules: z.input<typeof ruleSchema>[] = [
  { fact: 'usedDays', points: 5, per: 1, max: 30 },
  { fact: 'activated', points: 10 },
  { fact: 'companyMail', points: 10 },
  { fact: 'storagePercent', points: 15, atLeast: 80 },
  { fact: 'refusals', points: 5, per: 1, max: 15, halfLifeDays: 14 },
  { fact: 'contactRequests', points: 30, halfLifeDays: 14 },
  { fact: 'extensions', points: 5 },
  { fact: 'trialDaysLeft', points: 5, atLeast: 0, atMost: 3 },
  { fact: 'idleDays', points: -10, atLeast: 7 },
]

export const leadPolicySchema = z.strictObject({
  /** Where mails about leads go that nobody is assigned to. Without it, `contact` gets contact requests and no digest. */
  contact: emailSchema.optional(),
  /** The sales people, by e-mail address: leads are assigned to them. */
  people: z.array(emailSchema).readonly().default([]),
  /** A lead is activated after use on so many days, or so many requests; with `event`, only after so many of it. */
  activated: z
    .strictObject({
      days: wholeDays.default(2),
      requests: z.int().min(1).default(50),
      event: productEventSchema.optional(),
      times: z.int().min(1).default(1),
    })
    .prefault({}),
  stages: z
    .strictObject({
      /** Used on so many of the last seven days. */
      engagedDays: z.int().min(1).max(7).default(3),
      /** For how long a contact request counts. */
      askedDays: wholeDays.default(30),
      /** A customer whose storage is that full can get a larger plan. */
      expandingStoragePercent: share.default(80),
      /** A customer who uses nothing for so long may leave. */
      atRiskIdleDays: wholeDays.default(14),
    })
    .prefault({}),
  rules: z.array(ruleSchema).min(1).readonly().prefault(usualRules),
  /** For how long messages, notes and the next step of a lost lead are kept. */
  retentionDays: z.int().min(30).max(3660).default(730),
  hotScore: share.default(60),
})
export type LeadPolicy = z.infer<typeof leadPolicySchema>
