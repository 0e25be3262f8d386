import type { DomainEvent, SiteEvent } from '../../core/events/event.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import type { Instant } from '../../core/instant.ts'
import { composeMail, localTime, type MailDraft, mailIdOf } from '../../core/mail/mail-message.ts'
import type { Mailer, MailMessage } from '../../core/ports/delivery.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { entitledUntil } from '../../core/site/next-step.ts'
import { isKept, isLive, type KeptSite, ownershipOf, type Site } from '../../core/site/site.ts'
import { type SiteBilling, subscriptionNews } from '../../core/site/site-billing.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { deadlineMail } from '../endings/notices.ts'
import type { Offers } from '../offers/offers.ts'

export interface MailOwnerPorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: AccountStore
  readonly mailer: Mailer
  readonly policies: TrialPolicies
  readonly offers: Offers
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
  readonly siteUrl: (hostname: string) => string
}

/** Events contain no personal data, so name and address are read here. A deleted account gets no mail. */
export const mailOwner = async (ports: MailOwnerPorts, event: DomainEvent): Promise<void> => {
  if (!isSiteEvent(event) || event.data.accountId === undefined) return
  const [site, owner] = await Promise.all([
    ports.sites.get(event.aggregate.id),
    ports.accounts.getOwner(event.data.accountId),
  ])
  if (site === undefined || owner === undefined) return
  const { brand } = ports.offers.find(ownershipOf(site)?.offer)
  const message = siteMail({ ...ports, ...brand, event, site, to: owner.email, timeZone: owner.timeZone })
  if (message !== undefined) await ports.mailer.send(message)
}

export interface SiteMailFacts {
  readonly event: SiteEvent
  readonly site: Site
  readonly to: string
  readonly timeZone?: string | undefined
  readonly policies: TrialPolicies
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
  readonly sender?: string
  readonly siteUrl: (hostname: string) => string
}

/** The mail about an event of an owner's site; undefined if there is nothing to say. Repeated events have one message. */
export const siteMail = (facts: SiteMailFacts): MailMessage | undefined => {
  const { event, site, to, brand, contact, consoleUrl, siteUrl } = facts
  const ownership = ownershipOf(site)
  if (ownership === undefined) return undefined
  const footer = `You get this because you own a ${brand} site. Questions? Write to ${contact}.`
  const message = { id: mailIdOf(event), to, sender: facts.sender, footer }
  const { name, hostname } = ownership
  switch (event.type) {
    case 'SiteClaimed':
      return composeMail({
        ...message,
        subject: `Your site ${name} is ready`,
        paragraphs: [`Welcome to ${brand}. Your site ${name} is running.`],
        link: { text: 'Open your site', url: siteUrl(hostname) },
      })
    case 'SiteRequested':
    case 'PreparedSiteClaimed':
      return composeMail({
        ...message,
        subject: `We are building your site ${name}`,
        paragraphs: [`Welcome to ${brand}. We are building your site ${name}. Open the link to follow the progress.`],
        link: { text: 'Open your site', url: siteUrl(hostname) },
      })
    case 'SiteFailed':
      return site.status !== 'failed'
        ? undefined
        : composeMail({
            ...message,
            subject: `Your site ${name} could not be built`,
            paragraphs: [
              `We are sorry: your site ${name} could not be built. ${site.failure.reason}`,
              'Your trial is still available, so you can try again at any time.',
            ],
            link: { text: 'Try again', url: consoleUrl },
          })
    case 'SiteSupportEntered':
      return composeMail({
        ...message,
        subject: `Our support team views your site ${name}`,
        paragraphs: [
          `Our support team can view your site ${name} until ${localTime(event.data.until, facts.timeZone)}. They are signed in as support, not as you.`,
          `The reason: ${event.data.reason}`,
          'If you do not want this, refuse further entries in your account.',
        ],
        link: { text: 'Open your account', url: `${consoleUrl}/#/account` },
      })
    default: {
      const { policies, timeZone } = facts
      const at = (instant: string): string => localTime(instant, timeZone)
      const money = billingMail(name, { event, site, policies, at })
      if (money !== undefined) {
        const { linkText, ...told } = money
        return composeMail({ ...message, ...told, link: { text: linkText, url: consoleUrl } })
      }
      const content = deadlineMail(name, { event, site, policies, at })
      if (content === undefined) return undefined
      const { action, ...said } = content
      const url = action.to === 'console' ? consoleUrl : siteUrl(hostname)
      return composeMail({ ...message, ...said, link: { text: action.text, url } })
    }
  }
}

export type BillingMail = Pick<MailDraft, 'subject' | 'paragraphs'> & { readonly linkText: string }

export interface BillingMailFacts {
  readonly event: SiteEvent
  readonly site: Site
  readonly policies: TrialPolicies
  /** Formats an instant for the owner. */
  readonly at: (instant: Instant) => string
}

interface Told extends BillingMailFacts {
  readonly site: KeptSite
  readonly name: string
  readonly billing: SiteBilling
  readonly previous: SiteBilling | undefined
}

const overdue = ({ name, site, policies, at }: Told): BillingMail => {
  const until = entitledUntil(site, policies.find(site.policyVersion))
  return {
    subject: `A payment for ${name} did not go through`,
    paragraphs: [
      `We could not collect the payment for your site ${name}. We will try again in the next few days.`,
      until === undefined
        ? 'Please check your card.'
        : `Please check your card. Your site runs until ${at(until)}. After that we suspend it.`,
    ],
    linkText: 'Check your card',
  }
}

const ended = ({ event, name, site, policies, at }: Told): BillingMail | undefined => {
  const until = entitledUntil(site, policies.find(site.policyVersion))
  // The suspension has its own mail.
  if (until === undefined || until <= event.at || !isLive(site)) return undefined
  return {
    subject: `The subscription of ${name} has ended`,
    paragraphs: [
      `The subscription of your site ${name} has ended. It runs until ${at(until)}. After that we suspend it and keep its data for some time.`,
      'Choose a plan to keep it running.',
    ],
    linkText: 'Keep your site',
  }
}

const cancelled = ({ name, billing: { paidThrough }, at }: Told): BillingMail => ({
  subject: `The subscription of ${name} is cancelled`,
  paragraphs: [
    paidThrough === undefined
      ? `The subscription of your site ${name} ends with the current billing period.`
      : `The subscription of your site ${name} ends on ${at(paidThrough)}. Until then it runs, and you can renew the subscription.`,
  ],
  linkText: 'See your site',
})

const changed = (told: Told): BillingMail | undefined => {
  const { name, billing, previous } = told
  switch (subscriptionNews(billing, previous)) {
    case 'overdue':
      return overdue(told)
    case 'ended':
      return ended(told)
    case 'recovered':
      return {
        subject: `We received the payment for ${name}`,
        paragraphs: [`Thank you. We received the payment for your site ${name}.`],
        linkText: 'See your site',
      }
    case 'started':
      return {
        subject: `Your subscription for ${name} has started`,
        paragraphs: [`Thank you for your payment. Your site ${name} keeps all its data and its address.`],
        linkText: 'See your site',
      }
    case 'cancelled':
      // The deletion has its own mail.
      return billing.endsWithDeletion ? undefined : cancelled(told)
    case undefined:
      return undefined
  }
}

const amountText = (amount: number, currency: string): string => {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}

/** By reason code; codes of other versions are ignored. */
const whyReturned = new Map<string | undefined, (name: string) => string>([
  ['site-purged', (name) => `A payment was made for your site ${name} after it was deleted.`],
  ['account-closed', (name) => `A payment was made for your site ${name} after you had deleted your account.`],
  ['second-subscription', (name) => `Your site ${name} was paid for twice.`],
  [
    'noticed-too-late',
    (name) => `We received a payment for your site ${name} too late, so the site never had that plan.`,
  ],
])

const returned = (
  name: string,
  { data }: Extract<SiteEvent, { type: 'SitePaymentReturned' }>,
): BillingMail | undefined => {
  const { amount, currency } = data.returned
  if (amount === undefined || currency === undefined) return undefined
  const why = whyReturned.get(data.because)?.(name)
  return {
    subject: `We have refunded a payment for ${name}`,
    paragraphs: [
      ...(why === undefined ? [] : [why]),
      `We have refunded ${amountText(amount, currency)} and cancelled that subscription.`,
    ],
    linkText: 'See your sites',
  }
}

/** The mail about a billing event; undefined if there is nothing to say, or it is no longer true. */
export const billingMail = (name: string, facts: BillingMailFacts): BillingMail | undefined => {
  const { event, site } = facts
  if (event.type === 'SitePaymentReturned') return returned(name, event)
  if (!('billing' in event.data)) return undefined
  const { billing, previousBilling: previous } = event.data
  if (billing === undefined || !isKept(site)) return undefined
  // A newer state has its own event.
  if (site.billing?.subscriptionId !== billing.subscriptionId || site.billing.state !== billing.state) return undefined
  return changed({ ...facts, site, name, billing, previous })
}
