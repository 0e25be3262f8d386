import { isTrialPlan } from '../../core/plan/plan.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import { type DeadlineMailFacts, endingMail, endOf, inConsole, type MailContent } from './ending-mail.ts'

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`)

const lapseReminder = (name: string, site: LiveSite, daysBefore: number, { at, policies }: DeadlineMailFacts) => {
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
    action: inConsole('Keep your site'),
  }
}

/** Undefined if it was paid, extended or suspended since. */
const reminder = (name: string, site: Site, daysBefore: number, facts: DeadlineMailFacts) => {
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
    action: inConsole('Keep your site'),
  }
}

const warning = (name: string, site: Site, daysBefore: number, { at, policies }: DeadlineMailFacts) => {
  if (site.status !== 'archived' || !site.warned.includes(daysBefore)) return undefined
  const end = endOf(site, policies)
  if (end === undefined) return undefined
  return {
    subject: `Your site ${name} will be deleted in ${days(daysBefore)}`,
    paragraphs: [
      `We will delete the archive of your site ${name} permanently on ${at(end)}. To keep the site, restore it before then.`,
    ],
    action: inConsole('Restore your site'),
  }
}

/** The mail about a deadline, or about what was done at one; undefined if there is nothing to say, or it is no longer true. */
export const deadlineMail = (name: string, facts: DeadlineMailFacts): MailContent | undefined => {
  const { event, site } = facts
  if (event.type === 'SiteReminded') return reminder(name, site, event.data.daysBefore, facts)
  if (event.type === 'SiteWarned') return warning(name, site, event.data.daysBefore, facts)
  return endingMail(name, facts)
}
