import type { TrialPolicy } from './trial-policy.ts'

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
