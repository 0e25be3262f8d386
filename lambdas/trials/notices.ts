import { type Instant, plusDays } from '../../core/instant.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { dueStep, isDestructive, passedNotices, reminderDays } from '../../core/site/next-step.ts'
import { type ArchivedSite, isLive, type KeptSite, type LiveSite, type Site } from '../../core/site/site.ts'
import type { TrialPolicies, TrialPolicy } from '../../core/site/trial-policy.ts'

/** Reminders that are not sent any more. */
export const passedReminders = (trialEndsAt: Instant, policy: TrialPolicy, now: Instant): readonly number[] =>
  passedNotices(policy.reminderDaysBefore, trialEndsAt, now)

/** A new deadline is warned of again. */
export const unwarned = (site: KeptSite) => (site.status === 'archived' ? { warned: [] } : {})

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
    ? { ...site, version, reminded: reminderDays(site, policy) }
    : { ...site, version, ...warned }
  return siteChange({ transition: 'skipNotices', before: site, after }, context)
}

/** The notice to send now; none if the deadline itself has come. */
export const noticeOf = (
  site: Site,
  { policies }: { readonly policies: TrialPolicies },
  context: ChangeContext,
): SiteChange | undefined => {
  if (!isLive(site) && site.status !== 'archived') return undefined
  if (site.operation !== undefined) return undefined
  const policy = policies.find(site.policyVersion)
  const due = dueStep(site, policy, context.clocks.domain())
  if (due === undefined) return undefined
  if (isDestructive(due)) return skipNotices(site, policy, context)
  if (!('daysBefore' in due)) return undefined
  return isLive(site) ? remindOwner(site, due.daysBefore, context) : warnOwner(site, due.daysBefore, context)
}
