import * as z from 'zod'
import { defined } from '../../core/defined.ts'
import { isMailAtOneOf, mailDomainOf } from '../../core/email.ts'
import type { Instant } from '../../core/instant.ts'
import { lineOf } from '../../core/text.ts'
import { answersSchema } from '../offers/question.ts'

const googleIds = ['gclid', 'gbraid', 'wbraid', 'dclid'] as const
export const clickIdNames = [...googleIds, 'fbclid', 'msclkid', 'ttclid', 'li_fat_id', 'twclid'] as const

export const attributionSchema = z.strictObject({
  source: z.string().max(200).optional(),
  medium: z.string().max(200).optional(),
  campaign: z.string().max(200).optional(),
  term: z.string().max(200).optional(),
  content: z.string().max(200).optional(),
  /** The origin of the page before. */
  referrer: z.string().max(2000).optional(),
  /** The path of the first page. */
  landingPage: z.string().max(2000).optional(),
  /** Only with the consent to marketing. */
  clickIds: z.partialRecord(z.enum(clickIdNames), z.string().max(500)).optional(),
})
export type Attribution = z.infer<typeof attributionSchema>

export const originFields = {
  language: z.string().max(35).optional(),
  /** The domain of the address, and whether anybody gets an address there. */
  mail: z.strictObject({ domain: z.string(), kind: z.enum(['free', 'company']) }).optional(),
  /** The consent to marketing, with the version of its text. */
  marketing: z.strictObject({ at: z.iso.datetime({ precision: 3 }), text: z.string().max(40) }).optional(),
  /** To the questions of the offer. */
  answers: answersSchema.optional(),
}

const urlOf = (value: unknown): URL | undefined =>
  typeof value === 'string' ? (URL.parse(value.slice(0, 4000), 'http://unknown.invalid') ?? undefined) : undefined

const originOf = (value: unknown): string | undefined => {
  const url = urlOf(value)
  const isOfWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  return isOfWeb && url.hostname !== 'unknown.invalid' ? lineOf(url.origin, 200) : undefined
}

const clickIdsOf = (given: Readonly<Record<string, unknown>>) => {
  const found = clickIdNames.flatMap((name) => {
    const value = given[name]
    // A part of an id identifies no click.
    return typeof value === 'string' && /^[\w.~%-]{1,500}$/.test(value) ? [[name, value] as const] : []
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Campaign = Pick<Attribution, 'source' | 'medium' | 'campaign'>

/** What the page says of the campaign; the offer's if it names none. */
const campaignOr = (usual: Campaign, given: Readonly<Record<string, unknown>>): Campaign => {
  const [source, medium, campaign] = ['source', 'medium', 'campaign'].map((name) => lineOf(given[name], 200))
  return (source ?? medium ?? campaign) ? { source, medium, campaign } : usual
}

/**
 * Takes what can be stored from what a page says. It cuts or drops the rest and never refuses.
 * @param options.usual the campaign of the offer.
 */
export const readAttribution = (
  given: Readonly<Record<string, unknown>>,
  { hasConsent, usual = {} }: { readonly hasConsent: boolean; readonly usual?: Campaign },
): Attribution | undefined => {
  const { clickIds } = given
  const read: Readonly<Partial<Record<keyof Attribution, unknown>>> = {
    ...campaignOr(usual, given),
    term: lineOf(given['term'], 200),
    content: lineOf(given['content'], 200),
    referrer: originOf(given['referrer']),
    landingPage: lineOf(urlOf(given['landingPage'])?.pathname, 200),
    clickIds: hasConsent && isRecord(clickIds) ? clickIdsOf(clickIds) : undefined,
  }
  const known = Object.entries(read).filter(([, value]) => value !== undefined)
  return known.length === 0 ? undefined : attributionSchema.parse(Object.fromEntries(known))
}

/** What the address of a page says, in the words of a page's script. */
export const linkOf = (address: string | undefined) => {
  const query = urlOf(address)?.searchParams ?? new URLSearchParams()
  const campaign = ['source', 'medium', 'campaign', 'term', 'content'].map((name) => [name, query.get(`utm_${name}`)])
  return {
    blueprint: query.get('blueprint'),
    attribution: { ...Object.fromEntries(campaign), landingPage: address, clickIds: Object.fromEntries(query) },
  }
}

/** What a page says of a visitor; anything may be wrong. */
export interface SaidOrigin {
  readonly attribution?: Readonly<Record<string, unknown>> | undefined
  readonly language?: string | undefined
  /** The version of the text that somebody consented to. */
  readonly marketingConsent?: string | undefined
  /** Global Privacy Control. */
  readonly refusesAttribution?: boolean | undefined
}

export const originOfSignup = (
  { attribution: given = {}, language, marketingConsent, refusesAttribution = false }: SaidOrigin,
  now: Instant,
  usual: Campaign = {},
) => {
  const text = lineOf(marketingConsent, 40)
  const spoken = lineOf(language, 35)
  const attribution = refusesAttribution ? undefined : readAttribution(given, { hasConsent: text !== undefined, usual })
  return defined({ attribution, language: spoken, marketing: text === undefined ? undefined : { at: now, text } })
}

/** Attribution without the ids of clicks on ads, which need the consent to marketing. */
export const withoutClickIds = ({ clickIds: _, ...others }: Attribution): Attribution => others

/** Whether an address is at a company or at a service where anybody gets one. */
export const mailOf = (email: string, freeMailDomains: ReadonlySet<string>) => ({
  domain: mailDomainOf(email),
  kind: isMailAtOneOf(freeMailDomains, email) ? ('free' as const) : ('company' as const),
})
