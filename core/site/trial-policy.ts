import * as z from 'zod'

const days = z.int().positive().max(3650)

/** How long a trial lasts and what happens after. A site keeps the version that it started under. All in days. */
export const trialPolicySchema = z
  .strictObject({
    version: z.int().positive(),
    trialDays: days,
    /** Reminders go out this long before the end. */
    reminderDaysBefore: z.array(days).readonly(),
    /** From suspension to archiving. */
    graceDays: days,
    /** From archiving to purging. */
    retentionDays: days,
  })
  .refine(({ trialDays, reminderDaysBefore }) => reminderDaysBefore.every((before) => before < trialDays), {
    path: ['reminderDaysBefore'],
    message: 'must all be less than trialDays, or they would go out at once',
  })
export type TrialPolicy = z.infer<typeof trialPolicySchema>

export interface TrialPolicies {
  /** What a new site lives under. */
  readonly current: TrialPolicy
  /** @throws {Error} where the configuration lost a version that a site still lives under. */
  readonly find: (version: number) => TrialPolicy
}
