import fc from 'fast-check'
import { type TrialPolicy, trialPolicySchema } from '../../../core/site/trial-policy.ts'

const days = fc.integer({ min: 1, max: 3650 })
/** Days before a deadline that is so many days away: fewer than that. */
const noticesBefore = (limit: number) =>
  limit === 1 ? fc.constant([]) : fc.uniqueArray(fc.integer({ min: 1, max: limit - 1 }), { maxLength: 5 })

/** Any policy that a configuration may hold. */
export const anyPolicy: fc.Arbitrary<TrialPolicy> = fc
  .record({ trialDays: days, graceDays: days, retentionDays: days, extensionDays: days, deletionDays: days })
  .chain((lengths) =>
    fc.record({
      version: fc.constant(1),
      ownerExtensions: fc.integer({ min: 0, max: 3 }),
      reminderDaysBefore: noticesBefore(lengths.trialDays),
      warningDaysBefore: noticesBefore(lengths.retentionDays),
      ...Object.fromEntries(Object.entries(lengths).map(([name, value]) => [name, fc.constant(value)])),
    }),
  )
  .map((policy) => trialPolicySchema.parse(policy))
