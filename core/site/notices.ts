import type { ChangeContext, SiteChange } from './change.ts'
import { siteChange } from './change.ts'
import type { ActiveSite, ArchivedSite } from './site.ts'
import type { TrialPolicy } from './trial-policy.ts'

/** Notes that the owner is told of the end of the trial; the mail follows from the event, once. */
export const remindOwner = (site: ActiveSite, daysBefore: number, context: ChangeContext): SiteChange<ActiveSite> =>
  siteChange(
    {
      transition: 'remind',
      before: site,
      after: { ...site, version: site.version + 1, reminded: [...site.reminded, daysBefore] },
      details: { daysBefore },
    },
    context,
  )

/** Notes that the owner is told of the purge. */
export const warnOwner = (site: ArchivedSite, daysBefore: number, context: ChangeContext): SiteChange<ArchivedSite> =>
  siteChange(
    {
      transition: 'warn',
      before: site,
      after: { ...site, version: site.version + 1, warned: [...site.warned, daysBefore] },
      details: { daysBefore },
    },
    context,
  )

/**
 * Passes over the notices of a deadline that has come: they tell nobody anything any more, and what is due now is found
 * among what takes something away.
 */
export const skipNotices = (
  site: ActiveSite | ArchivedSite,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange<ActiveSite | ArchivedSite> => {
  const version = site.version + 1
  const after =
    site.status === 'active'
      ? { ...site, version, reminded: policy.reminderDaysBefore }
      : { ...site, version, warned: policy.warningDaysBefore }
  return siteChange({ transition: 'skipNotices', before: site, after }, context)
}
