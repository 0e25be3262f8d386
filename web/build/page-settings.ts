import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { Config } from '../../core/config/config.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { defaultOffer, type OfferSettings } from '../../lambdas/offers/offer.ts'
import { everyOffer, hostDirectory, markOf, policyOf } from '../../lambdas/offers/offers.ts'
import type { BuildSettings, LandingSettings, PageSettings } from '../settings.ts'

interface Installation {
  readonly config: Config
  readonly sitesDomain: string
  readonly blueprints: readonly Pick<Blueprint, 'name' | 'title' | 'features'>[]
}

type Place = Pick<PageSettings, 'base' | 'directory'>

/** An offer has pages below each of its paths, and those at its hostnames. */
const placesOf = ({ id, hostnames, paths }: OfferSettings): readonly Place[] => [
  ...paths.map((path) => ({ base: path, directory: path.slice(1) })),
  ...(hostnames.length === 0 ? [] : [{ base: '', directory: hostDirectory(id) }]),
]

/** The trial, the plans on sale in their order, and those by agreement. */
const landingOf = ({ config }: Installation, { brand: { landing = {} }, ...offer }: OfferSettings): LandingSettings => {
  const { graceDays, retentionDays } = policyOf(offer, undefined, trialPolicies(config.trialPolicies))
  const { trial } = planCatalogue(config.plans)
  const sold = offer.plans ?? config.plans.filter(({ kind }) => kind === 'paid').map(({ id }) => id)
  const wanted = [offer.trialPlan ?? trial.id, ...sold]
  const plans = [
    ...wanted.flatMap((id) => config.plans.find((plan) => plan.id === id) ?? []),
    ...(offer.plans === undefined ? config.plans.filter(({ kind }) => kind === 'enterprise') : []),
  ]
  return {
    ...landing,
    graceDays,
    retentionDays,
    plans: plans.map(({ name, kind, prices, limits, features, sleepAfterMinutes, environments }) => ({
      ...{ name, kind, prices, storageMiB: limits.storageMiB, hasDomain: features.includes('customDomain') },
      ...{ isAlwaysOn: sleepAfterMinutes === undefined, environments: environments?.count ?? 0 },
    })),
  }
}

const settingsOf = (installation: Installation, offer: OfferSettings, place: Place): BuildSettings => {
  const { config, sitesDomain, blueprints } = installation
  const { brand, id, trials, languages, variants, plans, firstDay, lastDay } = offer
  const policies = trialPolicies(config.trialPolicies)
  const offered = offer.blueprint === undefined ? config.offeredBlueprints : [offer.blueprint]
  return {
    brand: brand.name ?? config.brand,
    contact: brand.contact ?? config.contact,
    legal: brand.legal ?? config.legal,
    products: offered.map((name) => {
      const { title = name, features = [] } = blueprints.find((blueprint) => blueprint.name === name) ?? {}
      return { name, title, features }
    }),
    sitesDomain,
    trialDays: policyOf(offer, undefined, policies).trialDays,
    sharedMailDomains: config.abuse.sharedMailDomains,
    mark: markOf(offer),
    ...(id === defaultOffer ? {} : { offer: id }),
    ...place,
    trials,
    languages,
    ...(brand.logo === undefined ? {} : { logo: brand.logo }),
    ...(brand.colours === undefined ? {} : { colours: brand.colours }),
    landing: landingOf(installation, offer),
    texts: brand.texts ?? {},
    questions: offer.questions,
    variants: variants.map(({ name, weight, texts = {} }) => ({
      ...{ name, weight, texts },
      trialDays: policyOf(offer, name, policies).trialDays,
    })),
    ...(plans === undefined ? {} : { plans }),
    ...(firstDay === undefined ? {} : { firstDay }),
    ...(lastDay === undefined ? {} : { lastDay }),
  }
}

/** What the browser pages know of an installation, by place: its own offer first. */
export const pageSettings = (installation: Installation): readonly [BuildSettings, ...BuildSettings[]] => {
  const [own, ...others] = everyOffer(installation.config.offers)
  return [
    settingsOf(installation, own, { base: '', directory: '' }),
    ...others.flatMap((offer) => placesOf(offer).map((place) => settingsOf(installation, offer, place))),
  ]
}
