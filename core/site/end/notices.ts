import { plusDays } from '../../instant.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { ActiveSite, ArchivedSite } from '../site.ts'
import type { TrialPolicy } from '../trial-policy.ts'

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
 * Passes over the reminders of a deadline that has come: they tell nobody anything any more, and what is due now is found
 * among what takes something away. The purge of an archive is put off instead, so that its owner is warned of it: somebody
 * held it, or it had a plan, or no sweep ran, for longer than the retention lasts.
 */
export const skipNotices = (
  site: ActiveSite | ArchivedSite,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange<ActiveSite | ArchivedSite> => {
  const version = site.version + 1
  const isWarned = site.status === 'active' || site.warned.length > 0 || policy.warningDaysBefore.length === 0
  const warned = isWarned
    ? { warned: policy.warningDaysBefore }
    : { purgeNotBefore: plusDays(context.clocks.domain(), Math.max(...policy.warningDaysBefore)) }
  const after =
    site.status === 'active'
      ? { ...site, version, reminded: policy.reminderDaysBefore }
      : { ...site, version, ...warned }
  return siteChange({ transition: 'skipNotices', before: site, after }, context)
}
