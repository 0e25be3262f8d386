import type { PaymentEvent, SiteEvent } from '../../core/events/event.ts'
import type { Instant } from '../../core/instant.ts'
import { inConsole, type MailContent, type MailFacts } from '../../core/mail/mail-message.ts'
import { days, localeOf, type Say, timeLeft } from '../../core/mail/mail-words.ts'
import { moneyText } from '../../core/plan/money.ts'
import { entitledUntil } from '../../core/site/next-step.ts'
import { isKept, isLive, type KeptSite } from '../../core/site/site.ts'
import { type SiteBilling, subscriptionNews } from '../../core/site/site-billing.ts'
import { endOf } from '../endings/ending-mail.ts'

interface Told extends MailFacts {
  readonly site: KeptSite
  readonly name: string
  readonly billing: SiteBilling
  readonly previous: SiteBilling | undefined
}

const priceText = ({ say, language }: Told, amount: number, currency: string, interval: 'month' | 'year'): string => {
  const price = moneyText({ amount, currency }, localeOf(language))
  return interval === 'month' ? say`${price} a month` : say`${price} a year`
}

/** The plan and its price. An older subscription may have another one than the list, and the configuration may lack the plan by now. */
const priceOf = (told: Told, isNew: boolean) => {
  const { billing, plans, say } = told
  const { plan, interval, currency } = billing
  const known = plans.plans.find(({ id }) => id === plan)
  const listed = isNew ? known?.prices.find((one) => one.interval === interval && one.currency === currency) : undefined
  const amount = billing.amount ?? listed?.amount
  return [
    [say`Plan`, known?.name ?? plan],
    ...(amount === undefined
      ? []
      : [[say`Price without discounts`, priceText(told, amount, currency, interval)] as const]),
  ] as const
}

const chargesOf = (told: Told, isNew: boolean) => {
  const { billing, on, say } = told
  const { paidThrough, cancelsAtPeriodEnd } = billing
  return [
    ...priceOf(told, isNew),
    ...(paidThrough === undefined || cancelsAtPeriodEnd ? [] : [[say`Next charge`, on(paidThrough)] as const]),
  ] as const
}

/** The plan with its price, and until when something is, if that is known. */
const planUntil = (told: Told, what: string, until: Instant | undefined) =>
  [...priceOf(told, false), ...(until === undefined ? [] : [[what, told.at(until)] as const])] as const

const overdue = (told: Told): MailContent => {
  const { name, site, policies, at, say } = told
  const until = isLive(site) ? entitledUntil(site, policies.find(site.policyVersion)) : undefined
  return {
    subject: say`A payment for ${name} did not go through`,
    paragraphs: [
      say`We could not collect the payment for your site ${name}. We will try again in the next few days.`,
      until === undefined
        ? say`Please check your card under “Invoices and card”.`
        : say`Please check your card under “Invoices and card”. Your site runs until ${at(until)}. After that we suspend it and keep its data.`,
    ],
    facts: planUntil(told, say`Runs until`, until),
    action: inConsole(say`Check your card`, 'plans'),
  }
}

/** What follows if nothing happens until a site without a subscription stops. */
const otherwise = (told: MailFacts & { readonly site: KeptSite }, end: Instant, name: string): readonly string[] => {
  const { site, at, policies, say } = told
  const grace = days(policies.find(site.policyVersion).graceDays, say)
  switch (site.billing?.state) {
    case 'past-due':
      return [
        say`We have not received the payment for your site ${name}. The site runs until ${at(end)}.`,
        say`Check your card to keep it running. Otherwise we suspend your site on that day and archive it ${grace} later.`,
      ]
    case 'paused':
      return [
        say`The subscription of your site ${name} is paused, and nothing is charged. The site runs until ${at(end)}.`,
        say`Contact us to resume the subscription. Otherwise we suspend your site on that day and archive it ${grace} later.`,
      ]
    default:
      return [
        say`The subscription of your site ${name} has ended. The site runs until ${at(end)}.`,
        say`Choose a plan to keep it running. Otherwise we suspend your site on that day and archive it ${grace} later.`,
      ]
  }
}

/** It has ended, or staff have paused it. */
const ended = (told: Told): MailContent | undefined => {
  const { now, name, site, policies, say } = told
  const until = entitledUntil(site, policies.find(site.policyVersion))
  // The suspension has its own mail.
  if (until === undefined || until <= now || !isLive(site)) return undefined
  const isPaused = site.billing?.state === 'paused'
  return {
    subject: isPaused ? say`The subscription of ${name} is paused` : say`The subscription of ${name} has ended`,
    paragraphs: otherwise(told, until, name),
    facts: planUntil(told, say`Runs until`, until),
    action: inConsole(say`Keep your site`, 'plans'),
  }
}

const cancelled = (told: Told): MailContent | undefined => {
  const { name, site, billing, at, say } = told
  const { paidThrough } = billing
  // It was renewed since.
  if (!site.billing?.cancelsAtPeriodEnd) return undefined
  return {
    subject: say`The subscription of ${name} is cancelled`,
    paragraphs: [
      paidThrough === undefined
        ? say`The subscription of your site ${name} ends with the current billing period.`
        : say`The subscription of your site ${name} ends on ${at(paidThrough)} and is not renewed.`,
      // A contract or an operator's plan takes its place, or the site is down for another reason.
      ...(isLive(site) && site.contract === undefined && site.plan === billing.plan
        ? [
            say`Until then your site runs. After that we suspend it and keep its data. To keep it running, resume the subscription under “Invoices and card”.`,
          ]
        : []),
    ],
    facts: planUntil(told, say`Ends`, paidThrough),
    action: inConsole(say`See your plan`, 'plans'),
  }
}

/** It says what was paid, after discounts and taxes, which our record does not. */
const receipt = ({ say }: Told) => inConsole(say`See invoice and receipt`, 'plans')

const changed = (told: Told): MailContent | undefined => {
  const { name, site, billing, previous, say } = told
  const isDeleted = !isLive(site) && site.deletion !== undefined
  switch (subscriptionNews(billing, previous)) {
    case 'overdue':
      return isDeleted ? undefined : overdue(told)
    case 'ended':
      return ended(told)
    case 'recovered':
      // The end of a pause pays nothing, and what is paid for a deleted site gives no service.
      if (previous?.state !== 'past-due' || isDeleted) return undefined
      return {
        subject: say`We received the payment for ${name}`,
        paragraphs: [say`Thank you. We received the payment for your site ${name}.`],
        facts: chargesOf(told, false),
        action: receipt(told),
      }
    case 'started':
      return {
        subject: say`Your subscription for ${name} has started`,
        paragraphs: [say`Thank you for your payment. Your site ${name} keeps all its data and its address.`],
        facts: chargesOf(told, true),
        action: receipt(told),
      }
    case 'cancelled':
      // The deletion has its own mail.
      return billing.endsWithDeletion ? undefined : cancelled(told)
    case 'reactivated':
    case undefined:
      return undefined
  }
}

/** Undefined if it was paid, extended or suspended since. Of a trial, `trialMail` reminds. */
const lapseReminder = (name: string, daysBefore: number, facts: MailFacts) => {
  const { site, now, policies, say } = facts
  if (!isLive(site) || !site.reminded.includes(daysBefore) || site.billing === undefined) return undefined
  const end = endOf(site, policies)
  if (end === undefined) return undefined
  return {
    subject: say`Your site ${name} will be suspended in ${timeLeft(now, end, say)}`,
    paragraphs: otherwise({ ...facts, site }, end, name),
    action: inConsole(say`Keep your site`, 'plans'),
  }
}

/** By reason code; codes of other versions are ignored. */
const whyReturned = new Map<string | undefined, (name: string, say: Say) => string>([
  ['site-purged', (name, say) => say`A payment was made for your site ${name} after it was deleted.`],
  ['account-closed', (name, say) => say`A payment was made for your site ${name} after you had deleted your account.`],
  ['under-contract', (name, say) => say`A payment was made for your site ${name}, whose plan is by agreement.`],
  ['site-moved', (name, say) => say`A payment was made for your site ${name} after it had moved away.`],
  ['second-subscription', (name, say) => say`Your site ${name} was paid for twice.`],
  [
    'noticed-too-late',
    (name, say) => say`We received a payment for your site ${name} too late, so the site never had that plan.`,
  ],
])

const returned = (
  name: string,
  { say, language }: MailFacts,
  { data }: Extract<SiteEvent, { type: 'SitePaymentReturned' }>,
): MailContent | undefined => {
  const { amount, currency } = data.returned
  if (amount === undefined || currency === undefined) return undefined
  const why = whyReturned.get(data.because)?.(name, say)
  return {
    subject: say`We have refunded a payment for ${name}`,
    paragraphs: [
      ...(why === undefined ? [] : [why]),
      say`We have refunded ${moneyText({ amount, currency }, localeOf(language))} and cancelled that subscription.`,
    ],
    action: { text: say`See your sites`, to: 'all sites' },
  }
}

/** The direct debit of a checkout. If Stripe lets the subscription run all the same, its overdue payment has a mail. */
const declined = (name: string, { site, say }: MailFacts, { data }: PaymentEvent): MailContent | undefined => {
  if (data.type !== 'checkout.session.async_payment_failed' || !isKept(site)) return undefined
  const isBought = site.contract !== undefined || (site.billing !== undefined && site.billing.state !== 'ended')
  if (isBought || (!isLive(site) && site.deletion !== undefined)) return undefined
  return {
    subject: say`The payment for ${name} was declined`,
    paragraphs: [
      say`Your bank declined the payment for your site ${name}, so its plan has not started. Nothing was charged.`,
      say`Choose a plan again to pay in another way.`,
    ],
    action: inConsole(say`Choose a plan`, 'plans'),
  }
}

/** The mail about a billing event, or about a subscription that lapses; undefined if there is nothing to say, or it is no longer true. */
export const billingMail = (name: string, facts: MailFacts): MailContent | undefined => {
  const { event, site } = facts
  if (event.type === 'PaymentNoticed') return declined(name, facts, event)
  if (event.type === 'SitePaymentReturned') return returned(name, facts, event)
  if (event.type === 'SiteReminded') return lapseReminder(name, event.data.daysBefore, facts)
  if (!('billing' in event.data)) return undefined
  const { billing, previousBilling: previous } = event.data
  if (billing === undefined || !isKept(site)) return undefined
  // A newer state has its own event.
  if (site.billing?.subscriptionId !== billing.subscriptionId || site.billing.state !== billing.state) return undefined
  return changed({ ...facts, site, name, billing, previous })
}
