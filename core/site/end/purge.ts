import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { SiteUnder } from '../operation-changes.ts'
import type { ArchivedSite, PurgedSite, SuspendedSite } from '../site.ts'

/**
 * Ends a site for good. Its tombstone keeps the hostname; the operation stays under way until nothing of it is left.
 */
export const purgeSite = (
  site: (SuspendedSite | ArchivedSite) & SiteUnder<'purge'>,
  context: ChangeContext,
  details: { readonly reason?: string; readonly because?: string } = {},
): SiteChange<PurgedSite> => {
  const { schemaVersion, id, cell, plan, blueprint, policyVersion, createdAt, completedSteps, generation } = site
  const after: PurgedSite = {
    schemaVersion,
    id,
    cell,
    plan,
    blueprint,
    policyVersion,
    createdAt,
    completedSteps,
    generation,
    status: 'purged',
    version: site.version + 1,
    ownership: site.ownership,
    purgedAt: context.clocks.domain(),
    operation: site.operation,
    ...(site.billing === undefined ? {} : { billing: site.billing }),
    ...(site.returned === undefined ? {} : { returned: site.returned }),
  }
  return siteChange({ transition: 'purge', before: site, after, details }, context)
}
