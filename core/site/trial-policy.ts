import * as z from 'zod'

const days = z.int().positive().max(3650)

/** The terms of a trial, in days. A site keeps its version until somebody moves it (`npm run policy`). */
export const trialPolicySchema = z
  .strictObject({
    version: z.int().positive(),
    /** Offers name it. Without one, it is the policy of every offer that names none. */
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens')
      .optional(),
    trialDays: days,
    reminderDaysBefore: z.array(days).readonly(),
    /** How long a site runs while a payment is overdue. */
    pastDueDays: days.default(7),
    /** From suspension to archiving. */
    graceDays: days,
    /** From archiving to purging. */
    retentionDays: days,
    warningDaysBefore: z.array(days).readonly().default([14, 3]),
    /** The number of the owner's extensions, and their length. */
    ownerExtensions: z.int().nonnegative().max(100).default(1),
    extensionDays: days.default(7),
    /** From the owner's deletion to the purge. */
    deletionDays: days.default(7),
  })
  .refine(({ retentionDays, warningDaysBefore }) => warningDaysBefore.every((before) => before < retentionDays), {
    path: ['warningDaysBefore'],
    message: 'must all be less than retentionDays, or they would go out at once',
  })
  .refine(({ trialDays, reminderDaysBefore }) => reminderDaysBefore.every((before) => before < trialDays), {
    path: ['reminderDaysBefore'],
    message: 'must all be less than trialDays, or they would go out at once',
  })
export type TrialPolicy = z.infer<typeof trialPolicySchema>
