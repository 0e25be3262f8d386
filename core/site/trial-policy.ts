import * as z from 'zod'
import { isKept, type Site } from './site.ts'

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

export interface TrialPolicies {
  /** The newest version without a name. */
  readonly current: TrialPolicy
  /** The newest version of a policy by its name. @throws {Error} if there is none. */
  readonly currentOf: (name: string | undefined) => TrialPolicy
  readonly versions: readonly number[]
  /** @throws {Error} if the configuration lacks a version that a site has. */
  readonly find: (version: number) => TrialPolicy
  /** The policy of any site: one that is built, ready, failed or purged needs none, so it has the current one if its own is gone. @throws {Error} as `find` does. */
  readonly of: (site: Site) => TrialPolicy
}

/** @throws {Error} if there is none without a name, or two have one version. */
export const trialPolicies = (policies: readonly TrialPolicy[]): TrialPolicies => {
  const byVersion = new Map(policies.map((policy) => [policy.version, policy]))
  if (byVersion.size !== policies.length) throw new Error('trial policies: the versions must be different')
  const newestFirst = policies.toSorted((a, b) => b.version - a.version)
  const currentOf = (name: string | undefined): TrialPolicy => {
    const policy = newestFirst.find((known) => known.name === name)
    if (policy === undefined)
      throw new Error(`trial policies: at least one ${name === undefined ? 'without a name' : `'${name}'`} is needed`)
    return policy
  }
  const find = (version: number): TrialPolicy => {
    const policy = byVersion.get(version)
    if (policy === undefined)
      throw new Error(`trial policies: version ${version} is missing, but a site lives under it`)
    return policy
  }
  const current = currentOf(undefined)
  return {
    current,
    currentOf,
    versions: [...byVersion.keys()].toSorted((a, b) => a - b),
    find,
    of: (site) => (isKept(site) ? find(site.policyVersion) : (byVersion.get(site.policyVersion) ?? current)),
  }
}
