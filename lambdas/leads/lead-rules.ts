import * as z from 'zod'
import { emailSchema } from '../../core/email.ts'
import { productEventSchema } from '../reports/usage/product-events.ts'
import { type FactName, factForms, factNames } from './lead-facts.ts'

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
