import { plusDays } from '../../core/instant.ts'
import { inConsole, type MailContent, type MailFacts } from '../../core/mail/mail-message.ts'
import { days, type Say, timeLeft } from '../../core/mail/mail-words.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { type ArchivedSite, isLive, type Site, type SuspendedSite } from '../../core/site/site.ts'
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
