import { createHash } from 'node:crypto'
import type { Accent } from '../accent.ts'
import { SitewrightError } from '../errors.ts'
import type { PaymentEvent, SiteEvent } from '../events/event.ts'
import type { Id } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { PlanCatalogue } from '../plan/plan.ts'
import type { MailMessage } from '../ports/delivery.ts'
import type { Site } from '../site/site.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'
import { mailHtml } from './mail-html.ts'
import { type MailLanguage, type Say, sayIn } from './mail-words.ts'

/** Who a mail is from: the words and colours of an offer, or of the installation. */
export interface MailSender {
  readonly brand: string
  /** The name of the sender, where it is not the configured one. */
  readonly sender?: string | undefined
  /** Who gets the answers, where it is not the contact of the installation. */
  readonly contact?: string | undefined
  readonly colours?: Accent | undefined
  /** The address of a picture beside the brand. */
  readonly mark?: string | undefined
  /** English by default. */
  readonly language?: MailLanguage | undefined
  readonly legal?: LegalLinks | undefined
}

export interface LegalLinks {
  readonly terms?: string | undefined
  readonly privacy?: string | undefined
  readonly imprint?: string | undefined
}

/** Who an offer's mails are from, in the language of a person if the offer has it. */
export const senderOf = <Brand extends object>(
  { brand, languages }: { readonly brand: Brand; readonly languages: readonly MailLanguage[] },
  person: { readonly language?: string | undefined } | undefined,
): Brand & { readonly language: MailLanguage } => {
  const spoken = person?.language?.slice(0, 2).toLowerCase()
  return { ...brand, language: languages.find((known) => known === spoken) ?? languages[0] ?? 'en' }
}

export interface MailDraft {
  readonly id: string
  readonly from: MailSender
  readonly to: string
  readonly subject: string
  /** Above the text; the subject by default. */
  readonly title?: string
  readonly paragraphs: readonly string[]
  /** A table below the text: what one looks up again. */
  readonly facts?: readonly (readonly [label: string, value: string])[]
  readonly link?: { readonly text: string; readonly url: string }
  readonly code?: string
  readonly footer: string
}

/** A line break in a name could write headers or paragraphs. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const legalOf = ({ language, legal = {} }: MailSender): readonly { readonly text: string; readonly url: string }[] => {
  const say = sayIn(language)
  const { terms, privacy, imprint } = legal
  const links = [
    { text: say`Terms`, url: terms },
    { text: say`Privacy`, url: privacy },
    { text: say`Legal notice`, url: imprint },
  ]
  return links.flatMap(({ text, url }) => (url === undefined ? [] : [{ text, url }]))
}

/** Renders a draft as HTML and as plain text, which has all of it. */
export const composeMail = (draft: MailDraft): MailMessage => {
  const { id, from, to, link, code, footer } = draft
  const subject = oneLine(draft.subject)
  const paragraphs = draft.paragraphs.map(oneLine)
  const facts = (draft.facts ?? []).map(([label, value]) => [label, oneLine(value)] as const)
  const legal = legalOf(from)
  return {
    id,
    to,
    ...(from.sender === undefined ? {} : { sender: from.sender }),
    ...(from.contact === undefined ? {} : { replyTo: from.contact }),
    subject,
    text: [
      ...paragraphs,
      ...(code ? [code] : []),
      ...(facts.length === 0 ? [] : [facts.map(([label, value]) => `${label}: ${value}`).join('\n')]),
      ...(link ? [`${link.text}:\n${link.url}`] : []),
      [`-- \n${footer}`, ...legal.map(({ text, url }) => `${text}: ${url}`)].join('\n'),
    ].join('\n\n'),
    html: mailHtml({
      brand: from.brand,
      colours: from.colours,
      mark: from.mark,
      title: oneLine(draft.title ?? subject),
      paragraphs,
      code,
      facts,
      link,
      footer,
      legal,
      language: from.language,
    }),
    links: link ? [link.url] : [],
    ...(code ? { code } : {}),
  }
}

const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** The id of a mail about something; the same for every attempt to send it. */
export const messageIdOf = (...about: readonly string[]): Id<'msg'> => {
  const hash = createHash('sha256').update(about.join('\n')).digest()
  return `msg_0${[...hash.subarray(0, 25)].map((byte) => digits[byte % digits.length]).join('')}`
}

/** One address: no list, no name, no line break. */
const oneAddress = /^[^\s\p{Cc},;:<>"()@]+@[^\s\p{Cc},;:<>"()@]+$/u

export const requireOneRecipient = (to: string): void => {
  if (oneAddress.test(to)) return
  throw new SitewrightError('InvalidRequest', 'the recipient of a mail has to be a single e-mail address')
}

/** The id of the mail about an event. Each visitor tries to wake a site again: its owner gets one mail a day about that. */
export const mailIdOf = (event: SiteEvent | PaymentEvent): string =>
  event.type === 'SiteOperationEnded'
    ? `msg_${event.aggregate.id}-${event.data.operation}-${event.at.slice(0, 10)}`
    : event.id.replace(/^evt_/, 'msg_')

export type MailContent = Pick<MailDraft, 'subject' | 'paragraphs' | 'facts'> & {
  /** Absent where nothing is left to open. */
  readonly action?: { readonly text: string; readonly to: 'site' | 'all sites' | ConsolePart }
}

/** The tab of a site in the console that a mail's button opens, after signing in if that is needed. */
type ConsolePart = 'overview' | 'plans' | 'domains' | 'copies'

/** The address of a site's tab. The page of sign-ups leads on, or first to the sign-in. */
export const consoleLink = (consoleUrl: string, siteId: string, part: ConsolePart): string =>
  `${consoleUrl}/#/sites/${siteId}${part === 'overview' ? '' : `?part=${part}`}`

export interface MailFacts {
  readonly event: SiteEvent | PaymentEvent
  readonly site: Site
  readonly policies: TrialPolicies
  readonly plans: PlanCatalogue
  /** By the domain clock. */
  readonly now: Instant
  /** Formats an instant for the owner. */
  readonly at: (instant: Instant) => string
  /** The same by the day alone, for charges. */
  readonly on: (instant: Instant) => string
  readonly say: Say
  readonly language: MailLanguage
}

export const inConsole = (text: string, to: ConsolePart = 'overview') => ({ text, to })
