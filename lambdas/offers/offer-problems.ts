import { isTrialPlan, type Plan } from '../../core/plan/plan.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { defaultOffer, type OfferSettings } from './offer.ts'
import { missingLabels } from './question.ts'

interface Stage {
  readonly console: { readonly hostname: string; readonly offerHostnames: readonly { readonly hostname: string }[] }
  readonly sites: { readonly domain: string }
}

interface Settings {
  readonly offers: readonly OfferSettings[]
  readonly offeredBlueprints: readonly string[]
  readonly plans: readonly Plan[]
  readonly trialPolicies: readonly TrialPolicy[]
  readonly stages: Readonly<Record<string, Stage>>
}

export interface ConfigProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Paths of the console's host that are not of an offer. */
const ownPaths: ReadonlySet<string> = new Set(
  ['archives', 'assets', 'hosts', 'mailed', 'operator', 'shared', 'sites', 'v1'].map((name) => `/${name}`),
)

/** Later ones of equals, by their place. */
const repeated = <Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly number[] =>
  items.flatMap((item, index) => (items.findIndex((other) => nameOf(other) === nameOf(item)) < index ? [index] : []))

interface Place {
  readonly path: ConfigProblem['path']
  readonly place: string
  readonly offer: string
}

/** Where offers answer: two at one place could not be told apart. */
const placeProblems = ({ offers, stages }: Settings): readonly ConfigProblem[] => {
  const places = offers.flatMap(({ id, hostnames, paths }, index): readonly Place[] => [
    ...hostnames.map((place, at) => ({ path: ['offers', index, 'hostnames', at], place, offer: id })),
    ...paths.map((place, at) => ({ path: ['offers', index, 'paths', at], place, offer: id })),
  ])
  const taken = repeated(places, ({ place }) => place).flatMap((index): readonly ConfigProblem[] => {
    const of = places[index]
    const first = places.find(({ place }) => place === of?.place)
    return of === undefined ? [] : [{ path: of.path, message: `is already of the offer '${first?.offer}'` }]
  })
  const ours = places.flatMap(({ path, place }): readonly ConfigProblem[] => {
    if (ownPaths.has(place)) return [{ path, message: 'is a path of the console' }]
    const stage = Object.entries(stages).find(
      ([, { console, sites }]) =>
        place === console.hostname || place === sites.domain || place.endsWith(`.${sites.domain}`),
    )
    return stage === undefined
      ? []
      : [{ path, message: `is the console’s hostname or one of sites, in stage '${stage[0]}'` }]
  })
  return [...taken, ...ours]
}

/** The hostnames that stages serve: each is of an offer, and CloudFront gives it to one distribution. */
const servedProblems = ({ offers, stages }: Settings): readonly ConfigProblem[] => {
  const known = offers.flatMap(({ hostnames }) => hostnames)
  const served = Object.entries(stages).flatMap(([name, { console }]) =>
    console.offerHostnames.map(({ hostname }, at) => ({
      path: ['stages', name, 'console', 'offerHostnames', at, 'hostname'],
      hostname,
    })),
  )
  const again = repeated(served, ({ hostname }) => hostname)
  return served.flatMap(({ path, hostname }, index) => [
    ...(known.includes(hostname) ? [] : [{ path, message: 'is the hostname of no offer' }]),
    ...(again.includes(index) ? [{ path, message: 'is named twice: one distribution of CloudFront has it' }] : []),
  ])
}

/** What an offer names and the configuration lacks. */
const referenceProblems = (
  { offeredBlueprints, plans, trialPolicies }: Settings,
  offer: OfferSettings,
): readonly ConfigProblem[] => {
  const idsOf = (isTrial: boolean) => plans.filter(({ kind }) => (kind === 'trial') === isTrial).map(({ id }) => id)
  const policies = trialPolicies.flatMap(({ name }) => name ?? [])
  const oneOf = (path: ConfigProblem['path'], value: string | undefined, known: readonly string[]) =>
    value === undefined || known.includes(value)
      ? []
      : [{ path, message: known.length === 0 ? 'names nothing: there is none' : `must be one of: ${known.join(', ')}` }]
  return [
    ...oneOf(['blueprint'], offer.blueprint, offeredBlueprints),
    ...oneOf(['trialPlan'], offer.trialPlan, idsOf(true)),
    ...oneOf(['trialPolicy'], offer.trialPolicy, policies),
    ...(offer.plans ?? []).flatMap((id, index) => oneOf(['plans', index], id, idsOf(false))),
    ...offer.variants.flatMap(({ trialPolicy }, index) =>
      oneOf(['variants', index, 'trialPolicy'], trialPolicy, policies),
    ),
  ]
}

const questionProblems = ({ questions, languages }: OfferSettings): readonly ConfigProblem[] => [
  ...repeated(questions, ({ id }) => id).map((index) => ({
    path: ['questions', index, 'id'],
    message: 'is already the id of another question',
  })),
  ...questions.flatMap((question, index) =>
    missingLabels(question, languages).map((path) => ({
      path: ['questions', index, ...path],
      message: 'is missing: the offer has this language',
    })),
  ),
]

const ownProblems = (offer: OfferSettings): readonly ConfigProblem[] => {
  const { id, hostnames, paths, firstDay, lastDay, variants } = offer
  const places = hostnames.length + paths.length
  return [
    ...(id === defaultOffer && places > 0
      ? [{ path: ['id'], message: 'is the offer at the console’s own address: it has no hostnames or paths' }]
      : []),
    ...(id !== defaultOffer && places === 0
      ? [{ path: ['hostnames'], message: 'an offer needs a hostname or a path at which it answers' }]
      : []),
    ...(firstDay !== undefined && lastDay !== undefined && firstDay > lastDay
      ? [{ path: ['lastDay'], message: 'must not be before firstDay' }]
      : []),
    ...repeated(variants, ({ name }) => name).map((index) => ({
      path: ['variants', index, 'name'],
      message: 'is already the name of another variant',
    })),
  ]
}

/** Returns each mistake in the trial plans and their policies, with its path. */
export const trialProblems = ({
  plans,
  trialPolicies,
}: Pick<Settings, 'plans' | 'trialPolicies'>): readonly ConfigProblem[] => [
  ...(plans.some(({ kind }) => kind === 'trial') ? [] : [{ path: ['plans'], message: "one needs the kind 'trial'" }]),
  ...plans.flatMap(({ id, kind }, index) =>
    isTrialPlan(id) === (kind === 'trial')
      ? []
      : [
          {
            path: ['plans', index, 'id'],
            message: "is 'trial' or begins with 'trial-' for a trial plan, and for no other",
          },
        ],
  ),
  ...(trialPolicies.some(({ name }) => name === undefined)
    ? []
    : [{ path: ['trialPolicies'], message: 'one needs no name: offers without a trialPolicy have it' }]),
]

export const offerProblems = (settings: Settings): readonly ConfigProblem[] => [
  ...repeated(settings.offers, ({ id }) => id).map((index) => ({
    path: ['offers', index, 'id'],
    message: 'is already the id of another offer',
  })),
  ...placeProblems(settings),
  ...servedProblems(settings),
  ...settings.offers.flatMap((offer, index) =>
    [...ownProblems(offer), ...questionProblems(offer), ...referenceProblems(settings, offer)].map(
      ({ path, message }) => ({ path: ['offers', index, ...path], message }),
    ),
  ),
]
