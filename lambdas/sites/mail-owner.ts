import type { DomainEvent, PaymentEvent, SiteEvent } from '../../core/events/event.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import {
  composeMail,
  consoleLink,
  type MailDraft,
  type MailSender,
  mailIdOf,
  senderOf,
} from '../../core/mail/mail-message.ts'
import { localDay, localTime, sayIn } from '../../core/mail/mail-words.ts'
import { isTrialPlan, type PlanCatalogue } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Mailer, MailMessage } from '../../core/ports/delivery.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { isEnvironment } from '../../core/site/environment.ts'
import { isLive, ownershipOf, type Site } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { billingMail } from '../billing/billing-mail.ts'
import { endingMail } from '../endings/ending-mail.ts'
import { environmentMail } from '../environments/environment-mail.ts'
import type { Offers } from '../offers/offers.ts'
import { relocationMail } from '../relocations/relocation-mail.ts'
import { trialMail } from '../trials/trial-mail.ts'
import { runMail } from './run/run-mail.ts'

export interface MailOwnerPorts
  extends Pick<Context, 'policies' | 'plans' | 'brand' | 'contact' | 'consoleUrl' | 'siteUrl' | 'clocks'> {
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: AccountStore
  readonly mailer: Mailer
  readonly offers: Offers
}

/** Whether a site is deleted with its account, whose mail says so. */
const isOfClosure = async ({ accounts }: MailOwnerPorts, event: SiteEvent, site: Site, accountId: AccountId) => {
  const isSuspension = event.type === 'SiteSuspended' && event.data.because === 'owner-deletion'
  if (!isSuspension && event.type !== 'SiteDeletionRequested') return false
  const requestedAt = 'deletion' in site ? site.deletion?.requestedAt : undefined
  const { closure } = (await accounts.get(accountId)) ?? {}
  // Without an end, a closure has no mail.
  if (closure?.state !== 'closed' || closure.until === undefined) return false
  return requestedAt !== undefined && closure.at <= requestedAt
}

/** Events contain no personal data, so name and address are read here. A deleted account gets no mail. */
export const mailOwner = async (ports: MailOwnerPorts, event: DomainEvent): Promise<void> => {
  if (!isSiteEvent(event) && event.type !== 'PaymentNoticed') return
  const siteId = isSiteEvent(event) ? event.aggregate.id : event.data.siteId
  const site = siteId && (await ports.sites.get(siteId))
  // Events of environments name no account, and neither do those of payments.
  const isUnnamed = !isSiteEvent(event) || site?.environmentOf !== undefined
  const accountId =
    (isSiteEvent(event) ? event.data.accountId : undefined) ??
    (site && isUnnamed ? ownershipOf(site)?.accountId : undefined)
  const owner = accountId && (await ports.accounts.getOwner(accountId))
  if (site === undefined || owner === undefined || accountId === undefined) return
  if (isSiteEvent(event) && (await isOfClosure(ports, event, site, accountId))) return
  const brand = senderOf(ports.offers.find(ownershipOf(site)?.offer), owner)
  const { email: to, timeZone } = owner
  const message = siteMail({ ...ports, ...brand, event, site, to, timeZone, now: ports.clocks.domain() })
  if (message !== undefined) await ports.mailer.send({ ...message, siteId: site.id })
}

export interface SiteMailFacts extends MailSender {
  readonly event: SiteEvent | PaymentEvent
  readonly site: Site
  /** By the domain clock. */
  readonly now: Instant
  readonly to: string
  readonly timeZone?: string | undefined
  readonly policies: TrialPolicies
  readonly plans: PlanCatalogue
  readonly contact: string
  readonly consoleUrl: string
  readonly siteUrl: (hostname: string) => string
}

/** Environments have mails of their own, but that support looks is told of every site. */
const isToldAsPart = (site: Site, { type }: SiteMailFacts['event']): boolean =>
  isEnvironment(site) && type !== 'SiteSupportEntered'

/** The mail about an event of an owner's site; undefined if there is nothing to say. Repeated events have one message. */
export const siteMail = (given: SiteMailFacts): MailMessage | undefined => {
  const { event, site, to, timeZone, language, brand, contact, consoleUrl, siteUrl } = given
  const ownership = ownershipOf(site)
  if (ownership === undefined) return undefined
  const say = sayIn(language)
  const footer = say`You get this because you have a site at ${brand}. Questions? Write to ${contact}.`
  const message = { id: mailIdOf(event), to, from: given, footer }
  const { name, hostname } = ownership
  const at = (instant: string): string => localTime(instant, timeZone, language)
  const open = { text: say`Open your site`, url: siteUrl(hostname) }
  if (isToldAsPart(site, event)) return mailOfPart(given, message)
  switch (event.type) {
    case 'SiteClaimed':
    case 'SiteRequested':
    case 'PreparedSiteClaimed':
      // It may have ended, or failed, before its mail was sent.
      if (!isLive(site) && site.status !== 'building') return undefined
      if (event.type !== 'SiteClaimed' || site.status === 'building') {
        return composeMail({
          ...message,
          subject: say`We are building your site ${name}`,
          paragraphs: [
            say`Welcome to ${brand}. We are building your site ${name}. Until it is ready, its address says that it is being built.`,
          ],
          facts: [[say`Address`, open.url]],
          link: open,
        })
      }
      return composeMail({
        ...message,
        subject: say`Your site ${name} is ready`,
        paragraphs: [
          say`Welcome to ${brand}. Your site ${name} is running.`,
          say`Open it and put something on it. Then send its address to those who should see it.`,
          isTrialPlan(site.plan)
            ? say`In the console you make copies of its data, and choose a plan when you want to keep it.`
            : say`In the console you make copies of its data.`,
        ],
        facts: [
          [say`Address`, open.url],
          // Short: on a phone, a long address would widen the table.
          [say`Console`, consoleUrl],
          ...(isTrialPlan(site.plan) ? ([[say`Trial ends`, at(site.trialEndsAt)]] as const) : []),
        ],
        link: open,
      })
    case 'SiteSupportEntered':
      return composeMail({
        ...message,
        subject: say`Our support team views your site ${name}`,
        paragraphs: [
          say`Our support team can view your site ${name} until ${at(event.data.until)}. They are signed in as support, not as you.`,
          say`The reason: ${event.data.reason}`,
          say`If you do not want this, refuse access by support in your account.`,
        ],
        link: { text: say`Open your account`, url: `${consoleUrl}/#/account` },
      })
    default:
      return mailOfPart(given, message)
  }
}

/** The mail of the part of the product whose event it is. */
const mailOfPart = (
  { event, site, now, policies, plans, timeZone, language = 'en', consoleUrl, siteUrl }: SiteMailFacts,
  message: Omit<MailDraft, 'subject' | 'paragraphs'>,
): MailMessage | undefined => {
  const { name = '', hostname = '' } = ownershipOf(site) ?? {}
  const at = (instant: string): string => localTime(instant, timeZone, language)
  const on = (instant: string): string => localDay(instant, timeZone, language)
  const facts = { event, site, now, policies, plans, at, on, language, say: sayIn(language) }
  const mails = isEnvironment(site) ? [environmentMail] : [relocationMail, billingMail, trialMail, endingMail, runMail]
  const content = mails.map((mail) => mail(name, facts)).find(Boolean)
  if (content === undefined) return undefined
  const { action, ...said } = content
  if (action === undefined) return composeMail({ ...message, ...said })
  const { text, to: part } = action
  const urls = { site: siteUrl(hostname), 'all sites': consoleUrl }
  const url = part === 'site' || part === 'all sites' ? urls[part] : consoleLink(consoleUrl, site.id, part)
  return composeMail({ ...message, ...said, link: { text, url } })
}
