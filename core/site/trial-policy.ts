import * as z from 'zod'

const days = z.int().positive().max(3650)

/** The terms of a trial, in days. A site keeps its version until somebody moves it (`npm run policy`). */
export const trialPolicySchema = z
  .strictObject({
    version: z.int().positive(),
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

export interface TrialPolicies {
  readonly current: TrialPolicy
  readonly versions: readonly number[]
  /** @throws {Error} if the configuration lacks a version that a site has. */
  readonly find: (version: number) => TrialPolicy
}

/** @throws {Error} if there is none, or two have one version. */
export const trialPolicies = (policies: readonly TrialPolicy[]): TrialPolicies => {
  const byVersion = new Map(policies.map((policy) => [policy.version, policy]))
  if (byVersion.size !== policies.length) throw new Error('trial policies: the versions must be different')
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
