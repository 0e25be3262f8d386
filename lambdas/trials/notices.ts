import { plusDays } from '../../core/instant.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { type ArchivedSite, isLive, type LiveSite } from '../../core/site/site.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'

/** Records a reminder; its event sends the mail once. */
export const remindOwner = (site: LiveSite, daysBefore: number, context: ChangeContext): SiteChange<LiveSite> =>
  siteChange(
    {
      transition: 'remind',
      before: site,
      after: { ...site, version: site.version + 1, reminded: [...site.reminded, daysBefore] },
      details: { daysBefore },
    },
    context,
  )

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
 * Skips reminders of a deadline that has come. The purge of an archive is postponed instead if nobody was warned: after
 * a hold, a paid plan or an outage.
 */
export const skipNotices = (
  site: LiveSite | ArchivedSite,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange<LiveSite | ArchivedSite> => {
  const version = site.version + 1
  const isWarned = isLive(site) || site.warned.length > 0 || policy.warningDaysBefore.length === 0
  const warned = isWarned
    ? { warned: policy.warningDaysBefore }
    : { purgeNotBefore: plusDays(context.clocks.domain(), Math.max(...policy.warningDaysBefore)) }
  const after = isLive(site)
    ? { ...site, version, reminded: policy.reminderDaysBefore }
    : { ...site, version, ...warned }
  return siteChange({ transition: 'skipNotices', before: site, after }, context)
}
