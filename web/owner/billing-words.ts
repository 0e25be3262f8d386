import type { components } from '../api/openapi.d.ts'
import type { PageSettings } from '../settings.ts'
import { dateText, isLive, type Site, type Words } from './site-words.ts'

export type Billing = components['schemas']['Billing']
export type Plan = components['schemas']['Plan']
export type Price = Plan['prices'][number]

/**
 * Whether the owner can choose a plan: for trials, and for active and ended subscriptions, unless an operator suspended or deletes
 * the site. A site that its owner deleted can be bought, but its plan cannot be changed.
 */
export const offersPlans = (
  { extension, suspended, deletion }: Pick<Site, 'extension' | 'suspended' | 'deletion'>,
  { state }: Pick<Billing, 'state'>,
): boolean => {
  if (suspended?.because === 'operator' || deletion?.revocable === false) return false
  if (state === 'none') return extension !== null
  return state === 'ended' || (state === 'active' && deletion === null)
}

const join = (...sentences: readonly string[]): string => sentences.filter((sentence) => sentence !== '').join(' ')

const runningText = ({ t, format }: Words, billing: Billing, runs: boolean): string => {
  const { cancelsAtPeriodEnd, paidThrough, interval } = billing
  const at = paidThrough === null ? '' : format.date(paidThrough)
  if (cancelsAtPeriodEnd) {
    const end = at === '' ? t('billing.cancelled-open') : t('billing.cancelled', { at })
    return join(end, runs ? t('billing.cancelled-then') : '')
  }
  return join(t(`billing.${interval ?? 'month'}`), at === '' ? '' : t('billing.renews', { at }))
}

/**
 * Describes the subscription; empty for an overdue payment (`dueText`).
 * @param now by the domain clock; RFC 3339
 */
export const billingText = (words: Words, billing: Billing, site: Site, now: string): string => {
  const { t } = words
  const { state, runsUntil } = billing
  const runs = isLive(site)
  const left =
    runs && runsUntil !== null && runsUntil > now
      ? join(t('ends.suspension', { at: dateText(words, runsUntil, now) }), t('ends.kept'))
      : ''
  switch (state) {
    case 'active':
      return runningText(words, billing, runs)
    case 'paused':
      return join(t('billing.paused'), left, t('billing.paused-then'))
    case 'ended':
      return join(t('billing.ended'), left, t('billing.ended-then'))
    case 'none':
      return t(site.extension === null ? 'billing.agreed' : 'billing.trial')
    case 'past-due':
      return ''
  }
}

/**
 * Tells the owner of an overdue payment; empty without one.
 * @param now by the domain clock; RFC 3339
 */
export const dueText = (words: Words, { state, graceEndsAt }: Billing, site: Site, now: string): string => {
  const { t } = words
  if (state !== 'past-due') return ''
  if (graceEndsAt === null) return t('billing.due')
  if (graceEndsAt <= now) return join(t('billing.due-over'), t('billing.due'))
  const at = dateText(words, graceEndsAt, now)
  return join(t('billing.due'), t(isLive(site) ? 'billing.due-by' : 'billing.due-by-stopped', { at }))
}

/**
 * A plan change that waits for the bank, while there is time to confirm it.
 * @param now by the domain clock; RFC 3339
 */
export const openChange = ({ pendingChange }: Billing, now: string) =>
  pendingChange === null || pendingChange.confirmBy <= now ? undefined : pendingChange

const monthsOf = { month: 1, year: 12 } as const

/** What Stripe charges at a change of plan: it bills another interval from today, and the difference otherwise. */
export const chargeOf = (before: Price | undefined, after: Price): 'period' | 'difference' | 'credit' => {
  if (before?.interval !== after.interval) return 'period'
  return after.amount / monthsOf[after.interval] < before.amount / monthsOf[before.interval] ? 'credit' : 'difference'
}

/** A line about what a plan holds, compared with the present plan. */
export interface PlanLine {
  readonly text: string
  readonly change: 'more' | 'less' | 'same' | 'none'
  /** What the present plan holds instead. */
  readonly now: string | undefined
}

/** The limits that the product enforces, such as the number of courses. */
/** What a plan counts, by name. */
const countsOf = ({ productLimits, environments }: Plan): Readonly<Record<string, number>> => ({
  ...productLimits,
  ...(environments && { environments: environments.count }),
})

const productLines = ({ t, find, format }: Words, plan: Plan, present: Plan | undefined): readonly PlanLine[] =>
  Object.entries(countsOf(plan)).map(([name, value]): PlanLine => {
    const say = (count: number) =>
      t('limit.product', {
        name: find(`product.${name}`) ?? find(`feature.${name}`) ?? name,
        value: format.number(count),
      })
    // A plan that names no environments has none; one that names no limit of the product has no such limit.
    const none = name === 'environments' ? 0 : undefined
    const before = present === undefined ? value : (countsOf(present)[name] ?? none)
    if (before === value) return { text: say(value), change: 'same', now: undefined }
    const isMore = before !== undefined && value > before
    const was = before === undefined ? undefined : t('offers.now', { value: format.number(before) })
    const now = before === 0 ? t('offers.new') : was
    return { text: say(value), change: isMore ? 'more' : 'less', now }
  })

/** What a plan holds: its limits, then its features. */
export const linesOf = (words: Words, plan: Plan, present: Plan | undefined): readonly PlanLine[] => {
  const { t, find, format } = words
  const limits = [
    ['storage', format.mebibytes, ({ limits: { storageMiB } }: Plan) => storageMiB],
    ['memory', format.mebibytes, ({ size }: Plan) => size.memoryMiB],
    ['processors', format.number, ({ size }: Plan) => size.cpu],
    ['requests', format.number, ({ limits: { requestsPerMinute } }: Plan) => requestsPerMinute],
    ['upload', format.mebibytes, ({ limits: { uploadMiB } }: Plan) => uploadMiB],
  ] as const
  const sizes = limits.map(([name, say, of]): PlanLine => {
    const [value, before] = [of(plan), of(present ?? plan)]
    const text = t(`limit.${name}`, { value: say(value) })
    if (value === before) return { text, change: 'same', now: undefined }
    return { text, change: value > before ? 'more' : 'less', now: t('offers.now', { value: say(before) }) }
  })
  const had = present?.features ?? plan.features
  const say = (feature: string) => find(`feature.${feature}`) ?? feature
  const features = plan.features.map((feature): PlanLine => {
    const isNew = !had.includes(feature)
    return { text: say(feature), change: isNew ? 'more' : 'same', now: isNew ? t('offers.new') : undefined }
  })
  const lost = had.filter((feature) => !plan.features.includes(feature))
  const without = lost.map((feature): PlanLine => {
    return { text: t('offers.without', { feature: say(feature) }), change: 'less', now: undefined }
  })
  return [...sizes, ...productLines(words, plan, present), ...features, ...without]
}

/** The features that a plan lacks, and the first of the other plans that has each. Those that the present plan has are losses. */
export const lackedBy = (
  { t, find }: Words,
  plan: Plan,
  { plans, present }: { readonly plans: readonly Plan[]; readonly present?: Plan | undefined },
): readonly PlanLine[] => {
  const known = [...plan.features, ...(present?.features ?? [])]
  const lacked = new Set(plans.flatMap(({ features }) => features).filter((feature) => !known.includes(feature)))
  return [...lacked].map((feature) => ({
    text: find(`feature.${feature}`) ?? feature,
    change: 'none',
    now: t('offers.from', { plan: plans.find(({ features }) => features.includes(feature))?.name ?? '' }),
  }))
}

/** Works for every product. */
const ownFeature = 'customDomain'

/** The plans with the features that a site's product has. Those of other products would promise what it cannot do. */
export const plansOf = (
  plans: readonly Plan[],
  { products }: Pick<PageSettings, 'products'>,
  product: string,
): readonly Plan[] => {
  const known = products.find(({ name }) => name === product)
  if (known === undefined) return plans
  const has = (feature: string): boolean => feature === ownFeature || known.features.includes(feature)
  return plans.map((plan) => ({ ...plan, features: plan.features.filter(has) }))
}

/** The plans in the order in which the offer sells them, after the owner's own and those that nobody buys, such as the trial. */
export const onSale = (
  known: readonly Plan[],
  { plans }: PageSettings,
  own: readonly string[] = [],
): readonly Plan[] => {
  if (plans === undefined) return known
  const rank = ({ id }: Plan): number => plans.indexOf(id)
  return known
    .filter(({ id, kind }) => kind !== 'paid' || own.includes(id) || plans.includes(id))
    .toSorted((a, b) => rank(a) - rank(b))
}
