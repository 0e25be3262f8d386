import type { Accent } from '../../core/accent.ts'
import { defined } from '../../core/defined.ts'
import { refuseField, SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { LegalLinks } from '../../core/mail/mail-message.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Ownership } from '../../core/site/ownership.ts'
import type { TrialPolicies, TrialPolicy } from '../../core/site/trial-policy.ts'
import { defaultOffer, type OfferSettings, offerSchema } from './offer.ts'

/** The words and colours of an offer in mails and pages, under the names of the installation's, which they replace. */
export interface Brand {
  readonly brand?: string
  /** The address for questions. */
  readonly contact?: string
  /** Where its pages are, without a slash at the end. */
  readonly consoleUrl?: string
  readonly sender?: string
  readonly colours?: Accent
  /** The address of a picture for mails. */
  readonly mark?: string
  /** Its links, or those of the installation. */
  readonly legal?: LegalLinks
}

export type Offer = Omit<OfferSettings, 'brand'> & { readonly brand: Brand }

export interface Offers {
  /** The installation's own offer is the first. */
  readonly all: readonly [Offer, ...Offer[]]
  /** Without an id, or if the configuration lacks the offer by now, the installation's own. */
  readonly find: (id: string | undefined) => Offer
  readonly origins: ReadonlySet<string>
}

/** The address of an offer's pages: its first hostname, or its first path at the console's host. */
const addressOf = ({ hostnames: [hostname], paths: [path] }: OfferSettings, consoleUrl: string) => {
  if (hostname === undefined) return path === undefined ? {} : { consoleUrl: `${consoleUrl}${path}` }
  const url = new URL(consoleUrl)
  url.hostname = hostname
  return { consoleUrl: url.origin }
}

/** The file of an offer's mark for mails, and its path: many mail clients show no SVG. An offer with a logo needs a touch icon for it. */
export const markOf = ({ id, brand }: OfferSettings): { readonly file: string; readonly path: string } | undefined => {
  const { logo, landing } = brand
  const usual = id === defaultOffer && logo === undefined ? 'web/ui/icon.png' : undefined
  const file = landing?.touchIcon ?? usual
  return file === undefined ? undefined : { file, path: `/assets/mark-${id}${/\.[a-z]+$/.exec(file)?.[0]}` }
}

const brandOf = (settings: OfferSettings, consoleUrl: string, usual: LegalLinks | undefined): Brand => {
  const { name, contact, sender, colours, legal = usual } = settings.brand
  const mark = markOf(settings)
  return {
    ...(mark === undefined ? {} : { mark: `${consoleUrl}${mark.path}` }),
    ...defined({ brand: name, contact, sender, colours, legal }),
    ...addressOf(settings, consoleUrl),
  }
}

/** The installation's own offer first, also if the configuration does not name it. */
export const everyOffer = (offers: readonly OfferSettings[]): readonly [OfferSettings, ...OfferSettings[]] => {
  const own = offers.find(({ id }) => id === defaultOffer) ?? offerSchema.parse({ id: defaultOffer })
  return [own, ...offers.filter((offer) => offer !== own)]
}

/** The offers with those of their hostnames at which a stage answers. */
export const offersAt = (
  offers: readonly OfferSettings[],
  served: readonly { readonly hostname: string }[],
): readonly OfferSettings[] =>
  offers.map((offer) => ({
    ...offer,
    hostnames: offer.hostnames.filter((name) => served.some(({ hostname }) => hostname === name)),
  }))

export const hostDirectory = (id: string): string => `hosts/${id}`

export const hostDirectories = (
  offers: readonly Pick<OfferSettings, 'id' | 'hostnames'>[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(offers.flatMap(({ id, hostnames }) => hostnames.map((name) => [name, hostDirectory(id)])))

/** @param legal the links of offers without links of their own. */
export const createOffers = (settings: readonly OfferSettings[], consoleUrl: string, legal?: LegalLinks): Offers => {
  const [own, ...others] = everyOffer(settings)
  const offerOf = (offer: OfferSettings): Offer => ({ ...offer, brand: brandOf(offer, consoleUrl, legal) })
  const all = [offerOf(own), ...others.map(offerOf)] as const
  const atHostnames = others.flatMap((offer) =>
    offer.hostnames.flatMap((hostname) => addressOf({ ...offer, hostnames: [hostname] }, consoleUrl).consoleUrl ?? []),
  )
  return {
    all,
    find: (id) => all.find((offer) => offer.id === id) ?? all[0],
    origins: new Set([new URL(consoleUrl).origin, ...atHostnames]),
  }
}

/** @throws {SitewrightError} `InvalidRequest` if there is no such offer. */
export const requireOffer = ({ all, find }: Offers, id: string | undefined): Offer => {
  const offer = find(id)
  if (id === undefined || offer.id === id) return offer
  return refuseField(
    'offer',
    `must be one of: ${all.map((known) => known.id).join(', ')}`,
    `There is no offer '${id}'.`,
  )
}

/** Whether it takes sign-ups and makes sites on this day. */
export const isOpen = ({ firstDay = '', lastDay = '9999-12-31' }: Offer, now: Instant): boolean =>
  firstDay <= now.slice(0, 10) && now.slice(0, 10) <= lastDay

/** @throws {SitewrightError} `OfferClosed` before the first day and after the last. */
export const requireOpen = ({ firstDay, lastDay }: Offer, now: Instant): void => {
  const day = now.slice(0, 10)
  if (firstDay !== undefined && day < firstDay) {
    throw new SitewrightError('OfferClosed', `This offer opens on ${firstDay}. Sign up from that day on.`)
  }
  if (lastDay !== undefined && day > lastDay) {
    throw new SitewrightError(
      'OfferClosed',
      `This offer took sign-ups until ${lastDay}. It takes no new accounts and sites, and keeps those that it has.`,
    )
  }
}

/** The offer of a site, and whose trial that is, as its record holds them. */
export const trialBy = ({ id, trials }: Pick<Offer, 'id' | 'trials'>): Pick<Ownership, 'offer' | 'trialOf'> => ({
  ...(id === defaultOffer ? {} : { offer: id }),
  ...(trials === 'one-per-offer' ? { trialOf: id } : {}),
})

export const policyOf = (
  offer: Pick<OfferSettings, 'trialPolicy' | 'variants'>,
  variant: string | undefined,
  policies: TrialPolicies,
): TrialPolicy => {
  const chosen = offer.variants.find(({ name }) => name === variant)
  return policies.currentOf(chosen?.trialPolicy ?? offer.trialPolicy)
}

export interface OfferedPlans extends Pick<Context, 'plans'> {
  readonly offers: Offers
}

/** The plans that the owner of a site can buy: those of its offer, and the one that the site has. */
export const plansFor = (
  { offers, plans }: OfferedPlans,
  site: { readonly plan: string; readonly ownership: Pick<Ownership, 'offer'> },
): PlanCatalogue => {
  const { plans: sold } = offers.find(site.ownership.offer)
  if (sold === undefined) return plans
  return { ...plans, plans: plans.plans.filter(({ id }) => sold.includes(id) || id === site.plan) }
}

/** @throws {SitewrightError} `InvalidRequest` for a blueprint that is not offered. */
export const requireOffered = (asked: string, offered: readonly string[]): string => {
  if (offered.includes(asked)) return asked
  return refuseField('blueprint', `must be one of: ${offered.join(', ')}`, `There is no blueprint '${asked}'.`)
}

export const blueprintsOf = (
  { blueprint }: Pick<Offer, 'blueprint'>,
  { offeredBlueprints }: Pick<Context, 'offeredBlueprints'>,
): readonly [string, ...string[]] => (blueprint === undefined ? offeredBlueprints : [blueprint])

/**
 * The blueprint of a new site: the requested one, then the one of the sign-up while it is offered, then the first.
 * @throws {SitewrightError} `InvalidRequest` for a blueprint that is not offered.
 */
export const offeredBlueprint = (
  asked: string | undefined,
  ofSignup: string | undefined,
  offered: readonly [string, ...string[]],
): string => {
  if (asked !== undefined) return requireOffered(asked, offered)
  return ofSignup !== undefined && offered.includes(ofSignup) ? ofSignup : offered[0]
}
