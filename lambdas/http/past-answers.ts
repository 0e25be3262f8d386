import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { usagePricesSchema } from '../../core/plan/plan.ts'
import { historyActors, toldTypes } from '../../core/site/owner-history.ts'
import { usagePeriods } from '../reports/usage/usage.ts'

const instant = z.iso.datetime({ precision: 3 })

const usagePeriodSchema = named('UsagePeriod', {
  start: instant,
  requests: z.int(),
  errors: z.strictObject({
    client: z.int().describe('Answers with 4xx.'),
    server: z.int().describe('Answers with 5xx.'),
  }),
  bytes: z.int().describe('The size of bodies and of WebSocket traffic in both directions.'),
  latency: z
    .array(z.strictObject({ atMostMilliseconds: z.int().nullable(), answers: z.int() }))
    .describe(
      'How many answers of the site began within that time; null is the rest. A time for which a request was held does not count.',
    ),
  visitors: z.int().nullable().describe('Distinct visitors of a day, to about 7 %; null for an hour.'),
})

export const usageViewSchema = z.strictObject({
  by: z.enum(usagePeriods),
  from: instant,
  until: instant,
  lastUsedAt: instant.nullable().describe('To five minutes; null if not within 90 days.'),
  awakeHours: z
    .number()
    .nonnegative()
    .nullable()
    .describe('How many hours of the range the site ran; null if it fell asleep too often to count.'),
  storage: z.strictObject({
    usedBytes: z.int().nullable().describe('As last measured; null if not known now.'),
    maxBytes: z.int().describe('What the plan includes; 0 if the plan is gone.'),
  }),
  prices: usagePricesSchema
    .nullable()
    .describe('What an hour awake, and a GiB in a month, cost on this plan; null if it has no such prices.'),
  periods: z.array(usagePeriodSchema),
})

export const historySchema = named('History', {
  entries: z.array(
    z.strictObject({
      id: idSchema('evt'),
      at: instant,
      type: z.enum(toldTypes).describe('What happened.'),
      by: z
        .enum(historyActors)
        .describe(
          'Who did it: the owner, an operator, Stripe with a payment or a subscription, or Sitewright by itself.',
        ),
      person: z
        .string()
        .nullable()
        .describe(
          'The address of the member who did it; null if it was you, or somebody whom we do not know any more.',
        ),
      about: z
        .string()
        .nullable()
        .describe(
          'Says more about the type: why the site was suspended, what a reminder was about, what is new about the subscription, the level of storage, the operation that failed.',
        ),
      plan: z.string().nullable().describe('The new plan, after a change of plan.'),
      until: instant.nullable().describe('The end of the trial, or of an entry of support.'),
      reason: z.string().nullable().describe('Why support entered.'),
    }),
  ),
  cursor: z.string().optional(),
})

export const pastAnswers = {
  getUsage: {
    200: { description: 'Hours or days with usage, oldest first. Times are in UTC.', schema: usageViewSchema },
  },
  getHistory: { 200: { description: 'One page. A cursor means that more pages follow.', schema: historySchema } },
}
