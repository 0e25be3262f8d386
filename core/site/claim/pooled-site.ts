import { plusDays } from '../../instant.ts'
import type { ChangeContext, Reservations, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { ActiveSite, Ownership, ReadySite } from '../site.ts'
import type { TrialPolicy } from '../trial-policy.ts'

/** Gives a finished site of the pool its owner. Its trial starts now, under today's policy. */
export const claimSite = (
  site: ReadySite,
  ownership: Ownership,
  policy: TrialPolicy,
  reserve: Reservations,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { readyAt: _, ...kept } = site
  const after: ActiveSite = {
    ...kept,
    status: 'active',
    version: site.version + 1,
    policyVersion: policy.version,
    ownership,
    trialEndsAt: plusDays(ownership.since, policy.trialDays),
    reminded: [],
    extensionsUsed: 0,
    archives: [],
  }
  return siteChange({ transition: 'claim', before: site, after, reserve }, context)
}
