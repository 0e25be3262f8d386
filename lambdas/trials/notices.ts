import { plusDays } from '../../core/instant.ts'
import { inConsole, type MailContent, type MailFacts } from '../../core/mail/mail-message.ts'
import { days, type Say, timeLeft } from '../../core/mail/mail-words.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { dueStep, isDestructive, reminderDays } from '../../core/site/next-step.ts'
import { type ArchivedSite, isLive, type LiveSite, type Site, type SuspendedSite } from '../../core/site/site.ts'
import type { TrialPolicies, TrialPolicy } from '../../core/site/trial-policy.ts'

/** Records a reminder; its event sends the mail once. */
export const remindOwner = (site: LiveSite, daysBefore: number, context: ChangeContext): SiteChange<LiveSite> => {
  const after = { ...site, reminded: [...site.reminded, daysBefore] }
  return siteChange({ transition: 'remind', before: site, after, details: { daysBefore } }, context)
}

export const warnOwner = (site: ArchivedSite, daysBefore: number, context: ChangeContext): SiteChange<ArchivedSite> => {
  const after = { ...site, warned: [...site.warned, daysBefore] }
  return siteChange({ transition: 'warn', before: site, after, details: { daysBefore } }, context)
}

/**
 * Skips reminders of a deadline that has come. The purge of an archive is postponed instead if nobody was warned: after
 * a hold, a paid plan or an outage.
 */
export const skipNotices = (
  site: LiveSite | ArchivedSite,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange<LiveSite | ArchivedSite> => {
  const isWarned = isLive(site) || site.warned.length > 0 || policy.warningDaysBefore.length === 0
  const warned = isWarned
    ? { warned: policy.warningDaysBefore }
    : { purgeNotBefore: plusDays(context.clocks.domain(), Math.max(...policy.warningDaysBefore)) }
  const after = isLive(site) ? { ...site, reminded: reminderDays(site, policy) } : { ...site, ...warned }
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

/** The mail about a trial; undefined if there is nothing to say, or it is no longer true. */
export const trialMail = (name: string, facts: MailFacts): MailContent | undefined => {
  const { event, site } = facts
  if (event.type === 'SiteReminded') return reminder(name, site, event.data.daysBefore, facts)
  return event.type === 'TrialExtended' ? extended(name, site, facts) : undefined
}

/** Undefined if it was paid, extended or suspended since. Of a subscription, `billingMail` reminds. */
const reminder = (name: string, site: Site, daysBefore: number, { now, at, policies, say }: MailFacts) => {
  if (!isLive(site) || !site.reminded.includes(daysBefore)) return undefined
  if (site.billing !== undefined || !isTrialPlan(site.plan)) return undefined
  const { graceDays, ownerExtensions, extensionDays } = policies.find(site.policyVersion)
  return {
    subject: say`The trial of ${name} ends in ${timeLeft(now, site.trialEndsAt, say)}`,
    paragraphs: [
      say`The trial of your site ${name} ends on ${at(site.trialEndsAt)}.`,
      ...(site.extensionsUsed < ownerExtensions ? [say`You can extend it by ${days(extensionDays, say)}.`] : []),
      say`Choose a plan to keep it running. Otherwise we suspend your site on that day and archive it ${days(graceDays, say)} later.`,
    ],
    facts: [
      [say`Trial ends`, at(site.trialEndsAt)],
      [say`Archived without a plan`, at(plusDays(site.trialEndsAt, graceDays))],
    ],
    action: inConsole(say`Keep your site`, 'plans'),
  } as const
}

/** Only operators resume and restore what an operator suspended. */
const stillStopped = (site: SuspendedSite | ArchivedSite, say: Say): string => {
  if (site.suspendedBecause === 'operator') {
    return site.status === 'suspended'
      ? say`The site is still suspended. Contact us to resume it.`
      : say`The site is still archived. Contact us to restore it.`
  }
  return site.status === 'suspended'
    ? say`The site is still suspended. You can resume it in the console.`
    : say`The site is still archived. You can restore it in the console.`
}

const extended = (name: string, site: Site, { at, say }: MailFacts): MailContent | undefined =>
  'trialEndsAt' in site
    ? {
        subject: say`The trial of ${name} is extended`,
        paragraphs: [
          say`The trial of your site ${name} now ends on ${at(site.trialEndsAt)}.`,
          ...(site.status === 'suspended' || site.status === 'archived' ? [stillStopped(site, say)] : []),
        ],
        facts: [[say`Trial ends`, at(site.trialEndsAt)]],
        action: inConsole(say`See your site`),
      }
    : undefined
