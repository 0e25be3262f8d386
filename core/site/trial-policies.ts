import type { TrialPolicy } from './trial-policy.ts'

export interface TrialPolicies {
  /** The newest version without a name. */
  readonly current: TrialPolicy
  /** The newest version of a policy by its name. @throws {Error} if there is none. */
  readonly currentOf: (name: string | undefined) => TrialPolicy
  readonly versions: readonly number[]
  /** @throws {Error} if the configuration lacks a version that a site has. */
  readonly find: (version: number) => TrialPolicy
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
  return {
    current: currentOf(undefined),
    currentOf,
    versions: [...byVersion.keys()].toSorted((a, b) => a - b),
    find: (version) => {
      const policy = byVersion.get(version)
      if (policy === undefined)
        throw new Error(`trial policies: version ${version} is missing, but a site lives under it`)
      return policy
    },
  }
}
