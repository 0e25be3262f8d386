import { plusDays } from '../../core/instant.ts'
import { days, inConsole, type MailContent, type MailFacts } from '../../core/mail/mail-message.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import { endOf } from '../endings/ending-mail.ts'

const lapseReminder = (name: string, site: LiveSite, daysBefore: number, { at, policies }: MailFacts) => {
  const end = endOf(site, policies)
  if (end === undefined) return undefined
  const { graceDays } = policies.find(site.policyVersion)
  const isOverdue = site.billing?.state === 'past-due'
  return {
    subject: `Your site ${name} will be suspended in ${days(daysBefore)}`,
    paragraphs: [
      isOverdue
        ? `We have not received the payment for your site ${name}. The site runs until ${at(end)}.`
        : `The subscription of your site ${name} has ended. The site runs until ${at(end)}.`,
      `${isOverdue ? 'Check your card' : 'Choose a plan'} to keep it running. Otherwise we suspend your site on that day and archive it ${days(graceDays)} later.`,
    ],
    action: inConsole('Keep your site', 'plans'),
  }
}

/** Undefined if it was paid, extended or suspended since. */
const reminder = (name: string, site: Site, daysBefore: number, facts: MailFacts) => {
  const { at, policies } = facts
  if (!isLive(site) || !site.reminded.includes(daysBefore)) return undefined
  if (site.billing !== undefined) return lapseReminder(name, site, daysBefore, facts)
  if (!isTrialPlan(site.plan)) return undefined
  const { graceDays, ownerExtensions, extensionDays } = policies.find(site.policyVersion)
  return {
    subject: `The trial of ${name} ends in ${days(daysBefore)}`,
    paragraphs: [
      `The trial of your site ${name} ends on ${at(site.trialEndsAt)}.`,
      ...(site.extensionsUsed < ownerExtensions ? [`You can extend it by ${days(extensionDays)}.`] : []),
      `Choose a plan to keep it running. Otherwise we suspend your site on that day and archive it ${days(graceDays)} later.`,
    ],
    facts: [
      ['Trial ends', at(site.trialEndsAt)],
      ['Archived without a plan', at(plusDays(site.trialEndsAt, graceDays))],
    ],
    action: inConsole('Keep your site', 'plans'),
  } as const
}

const extended = (name: string, site: Site, { at }: MailFacts): MailContent | undefined =>
  'trialEndsAt' in site
    ? {
        subject: `The trial of ${name} is extended`,
        paragraphs: [
          `The trial of your site ${name} now ends on ${at(site.trialEndsAt)}.`,
          ...(site.status === 'suspended' ? ['The site is still suspended. You can resume it in the console.'] : []),
          ...(site.status === 'archived' ? ['The site is still archived. You can restore it in the console.'] : []),
        ],
        facts: [['Trial ends', at(site.trialEndsAt)]],
        action: inConsole('See your site'),
      }
    : undefined

/** The mail about a trial, or about what follows a subscription; undefined if there is nothing to say, or it is no longer true. */
export const trialMail = (name: string, facts: MailFacts): MailContent | undefined => {
  const { event, site } = facts
  if (event.type === 'SiteReminded') return reminder(name, site, event.data.daysBefore, facts)
  return event.type === 'TrialExtended' ? extended(name, site, facts) : undefined
}
