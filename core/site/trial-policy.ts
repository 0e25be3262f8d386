import * as z from 'zod'

const days = z.int().positive().max(3650)

/**
 * How long a trial lasts and what happens after. A site keeps the version that it started under, until somebody moves it
 * (`npm run policy`). All in days.
 */
export const trialPolicySchema = z
  .strictObject({
    version: z.int().positive(),
    trialDays: days,
    /** Reminders go out this long before the end. */
    reminderDaysBefore: z.array(days).readonly(),
    /** For how long a site runs on while a payment is overdue. */
    pastDueDays: days.default(7),
    /** From suspension to archiving. */
    graceDays: days,
    /** From archiving to purging. */
    retentionDays: days,
    /** Warnings go out this long before the purge. */
    warningDaysBefore: z.array(days).readonly().default([14, 3]),
    /** How often an owner may extend the trial, and by how much. */
    ownerExtensions: z.int().nonnegative().max(100).default(1),
    extensionDays: days.default(7),
    /** From an owner's own deletion to the purge. */
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

export interface TrialPolicies {
  /** What a new site lives under. */
  readonly current: TrialPolicy
  readonly versions: readonly number[]
  /** @throws {Error} where the configuration lost a version that a site still lives under. */
  readonly find: (version: number) => TrialPolicy
}

/** @throws {Error} where there is none, or two have one version. */
export const trialPolicies = (policies: readonly TrialPolicy[]): TrialPolicies => {
  const byVersion = new Map(policies.map((policy) => [policy.version, policy]))
  if (byVersion.size !== policies.length) throw new Error('trial policies: every policy needs a version of its own')
  const current = policies.toSorted((a, b) => b.version - a.version)[0]
  if (current === undefined) throw new Error('trial policies: at least one is needed')
  return {
    current,
    versions: [...byVersion.keys()].toSorted((a, b) => a - b),
    find: (version) => {
      const policy = byVersion.get(version)
      if (policy === undefined)
        throw new Error(`trial policies: version ${version} is missing, but a site lives under it`)
      return policy
    },
  }
}
