import type { components } from '../api/openapi.d.ts'
import type { PageSettings } from '../settings.ts'
import type { Site, Words } from './site-words.ts'

export type Plan = components['schemas']['Plan']
export type Price = Plan['prices'][number]

/** A line about what a plan holds, compared with the present plan. */
export interface PlanLine {
  readonly text: string
  readonly change: 'more' | 'less' | 'same' | 'none'
  /** What the present plan holds instead. */
  readonly now: string | undefined
}

/** The plans beside each other, and the one that the owner has. Each row is at the same place in all of them. */
interface Compared {
  readonly plans: readonly Plan[]
  readonly present?: Plan | undefined
}

const line = (text: string, change: PlanLine['change'] = 'same', now?: string): PlanLine => ({ text, change, now })

/** All names, each once, in the order of the first list that has it. */
const namesIn = (lists: readonly (readonly string[])[]): readonly string[] => [...new Set(lists.flat())]

/** Something that a plan lacks, with the first of the others that has it. */
const fromPlan = ({ t }: Words, text: string, plans: readonly Plan[], has: (plan: Plan) => unknown) =>
  plans
    .filter(has)
    .slice(0, 1)
    .map(({ name }) => line(text, 'none', t('offers.from', { plan: name })))

const sizeLines = ({ t, format }: Words, plan: Plan, present: Plan = plan): readonly PlanLine[] => {
  const limits = [
    ['storage', format.mebibytes, ({ limits: { storageMiB } }: Plan) => storageMiB],
    ['memory', format.mebibytes, ({ size }: Plan) => size.memoryMiB],
    ['processors', format.number, ({ size }: Plan) => size.cpu],
    ['requests', format.number, ({ limits: { requestsPerMinute } }: Plan) => requestsPerMinute],
    ['upload', format.mebibytes, ({ limits: { uploadMiB } }: Plan) => uploadMiB],
  ] as const
  return limits.map(([name, say, of]): PlanLine => {
    const [value, before] = [of(plan), of(present)]
    const text = t(`limit.${name}`, { value: say(value) })
    return value === before
      ? line(text)
      : line(text, value > before ? 'more' : 'less', t('offers.now', { value: say(before) }))
  })
}

const sleepLine = ({ t, format }: Words, plan: Plan, present: Plan = plan): PlanLine => {
  const [value, before] = [plan.sleepAfterMinutes ?? Infinity, present.sleepAfterMinutes ?? Infinity]
  const isAlways = value === Infinity
  const text = isAlways ? t('limit.always-on') : t('limit.sleeps', { minutes: format.minutes(value) })
  if (value === before) return line(text)
  return value > before ? line(text, 'more', isAlways ? t('offers.new') : undefined) : line(text, 'less')
}

/** What a plan counts, by name: what its product limits, such as courses, and environments, of which it may have none. */
const countsOf = ({ productLimits, environments }: Plan): Readonly<Record<string, number>> => ({
  environments: environments?.count ?? 0,
  ...productLimits,
})

/** Without a number, the plan does not limit it. */
const countLine = (words: Words, said: string, value: number | undefined, before: number | undefined): PlanLine[] => {
  const { t, format } = words
  if (value === undefined) return []
  const was = before === undefined ? undefined : t('offers.now', { value: format.number(before) })
  if (value === 0) return [line(t('offers.without', { feature: said }), 'less', was)]
  const text = t('limit.product', { name: said, value: format.number(value) })
  if (before === value) return [line(text)]
  const isMore = before !== undefined && value > before
  return [line(text, isMore ? 'more' : 'less', before === 0 ? t('offers.new') : was)]
}

const countLines = (words: Words, plan: Plan, { plans, present = plan }: Compared): readonly PlanLine[] => {
  const names = namesIn([...plans, present, plan].map((one) => Object.keys(countsOf(one))))
  return names.flatMap((name): readonly PlanLine[] => {
    const [value, before] = [plan, present].map((one) => countsOf(one)[name])
    const said = words.find(`product.${name}`) ?? words.find(`feature.${name}`) ?? name
    return value === 0 && before === 0
      ? fromPlan(words, said, plans, (one) => countsOf(one)[name])
      : countLine(words, said, value, before)
  })
}

const featureLines = (words: Words, plan: Plan, { plans, present = plan }: Compared): readonly PlanLine[] => {
  const { t, find } = words
  return namesIn([...plans, present, plan].map(({ features }) => features)).flatMap((feature): readonly PlanLine[] => {
    const [has, had] = [plan, present].map(({ features }) => features.includes(feature))
    const said = find(`feature.${feature}`) ?? feature
    if (has) return [had ? line(said) : line(said, 'more', t('offers.new'))]
    return had
      ? [line(t('offers.without', { feature: said }), 'less')]
      : fromPlan(words, said, plans, ({ features }) => features.includes(feature))
  })
}

/** What a plan holds, and what others beside it hold: its limits, when it sleeps, what it counts, and its features. */
export const linesOf = (words: Words, plan: Plan, compared: Compared): readonly PlanLine[] => [
  ...sizeLines(words, plan, compared.present),
  sleepLine(words, plan, compared.present),
  ...countLines(words, plan, compared),
  ...featureLines(words, plan, compared),
]

/** Works for every product. */
const ownFeature = 'customDomain'

/** What a site has by its plan. An environment sleeps whatever its plan says, and has neither environments nor own domains. */
export const ownLinesOf = (
  words: Words,
  plan: Plan,
  { environment, sleepAfterMinutes }: Pick<Site, 'environment' | 'sleepAfterMinutes'>,
  plans: readonly Plan[],
): readonly PlanLine[] => {
  if (environment === undefined) return linesOf(words, plan, { plans })
  const { environments: _, ...kept } = plan
  const features = plan.features.filter((feature) => feature !== ownFeature)
  const slept = sleepAfterMinutes === null ? {} : { sleepAfterMinutes }
  return linesOf(words, { ...kept, ...slept, features }, { plans: [] })
}

/** The plans with the features that a site's product has. Those of other products would promise what it cannot do. */
export const plansOf = (plans: readonly Plan[], { products }: Pick<PageSettings, 'products'>, product: string) => {
  const known = products.find(({ name }) => name === product)
  if (known === undefined) return plans
  const has = (feature: string): boolean => feature === ownFeature || known.features.includes(feature)
  return plans.map((plan) => ({ ...plan, features: plan.features.filter(has) }))
}

/** The plans in the order in which the offer sells them, after the owner's own and those that nobody buys, such as the trial. */
export const onSale = (known: readonly Plan[], { plans }: PageSettings, own: readonly string[] = []) => {
  if (plans === undefined) return known
  const rank = ({ id }: Plan): number => plans.indexOf(id)
  return known
    .filter(({ id, kind }) => kind !== 'paid' || own.includes(id) || plans.includes(id))
    .toSorted((a, b) => rank(a) - rank(b))
}
