import type { components } from '../api/openapi.d.ts'
import type { Plan, Price } from './plan-words.ts'
import { dateText, isLive, isWithheld, type Site, type Words } from './site-words.ts'

export type Billing = components['schemas']['Billing']

/**
 * Whether the owner can choose a plan: for trials, and for active and ended subscriptions, unless an operator suspended or deletes
 * the site, or a contract or an accepted relocation decides its plan, unless it went back. A site that its owner deleted can be bought, but its plan cannot be changed.
 */
export const offersPlans = (
  site: Pick<Site, 'extension' | 'suspended' | 'archived' | 'deletion' | 'relocation'>,
  { state, agreed }: Pick<Billing, 'state'> & Partial<Pick<Billing, 'agreed'>>,
): boolean => {
  const { extension, deletion, relocation } = site
  if (agreed || (relocation !== null && !['draft', 'returned'].includes(relocation.state))) return false
  if (isWithheld(site) || deletion?.revocable === false) return false
  if (state === 'none') return extension !== null
  return state === 'ended' || (state === 'active' && deletion === null)
}

/** What the subscription costs, which may differ from what the plan costs by now; undefined without one, or if it is not known. */
export const ownPrice = ({ amount, interval, currency }: Pick<Billing, 'amount' | 'interval' | 'currency'>) =>
  amount === null || interval === null || currency === null ? undefined : { amount, interval, currency }

/** Whether the owner has the plan of their site at a price, so that there is nothing to buy. One whose subscription has ended is sold again. */
export const hasAlready = (
  price: Price | undefined,
  { state, interval }: Pick<Billing, 'state' | 'interval'>,
): boolean => price === undefined || (state === 'active' && price.interval === interval)

/** Whether the owner has to resume a cancelled subscription before it can be billed by this interval. */
export const needsResuming = (
  interval: Price['interval'],
  { state, cancelsAtPeriodEnd, interval: present }: Pick<Billing, 'state' | 'cancelsAtPeriodEnd' | 'interval'>,
): boolean => state === 'active' && cancelsAtPeriodEnd && interval !== present

/** Also under a contract, where it does not end. */
export const isTrial = ({ plan }: Pick<Site, 'plan'>): boolean => /^trial(?:-|$)/.test(plan)

/** Whether it can have a subscription. */
export const mayBePaid = (site: Pick<Site, 'plan' | 'environment'>): boolean =>
  !isTrial(site) && site.environment === undefined

/** What becomes of the subscription if the site is deleted; empty without one. @param billing undefined until it is known */
export const deletionText = ({ t }: Words, billing: Pick<Billing, 'state'> | undefined, site: Site): string => {
  const state = billing?.state ?? (mayBePaid(site) ? 'active' : 'none')
  if (state === 'none' || state === 'ended') return ''
  return t(state === 'past-due' ? 'delete.overdue' : 'delete.paid')
}

const join = (...sentences: readonly string[]): string => sentences.filter((sentence) => sentence !== '').join(' ')

const runningText = ({ t, format }: Words, billing: Billing, isSuspendedThen: boolean): string => {
  const { cancelsAtPeriodEnd, paidThrough, interval } = billing
  const at = paidThrough === null ? '' : format.date(paidThrough)
  if (cancelsAtPeriodEnd) {
    const end = at === '' ? t('billing.cancelled-open') : t('billing.cancelled', { at })
    return join(end, isSuspendedThen ? t('billing.cancelled-then') : '')
  }
  return join(t(`billing.${interval ?? 'month'}`), at === '' ? '' : t('billing.renews', { at }))
}

const trialText = ({ t }: Words, isOver: boolean, isOffered: boolean): string => {
  if (isOver) return join(t('billing.trial-over'), isOffered ? t('billing.ended-then') : '')
  return t(isOffered ? 'billing.trial' : 'billing.trial-only')
}

const leftText = ({ t }: Words, { deletion }: Site): string => (deletion?.revocable ? t('delete.overdue') : '')

/** Describes the subscription; empty for an overdue payment (`dueText`), unless the owner deletes the site. @param now by the domain clock; RFC 3339 */
export const billingText = (words: Words, billing: Billing, site: Site, now: string): string => {
  const { t } = words
  const { state, agreed, runsUntil } = billing
  // Once it is relocated to another plan, what it was bought with ends nothing.
  const isOver = state === 'ended' || billing.cancelsAtPeriodEnd
  const isReplaced = site.relocation?.state === 'switched' && site.plan !== billing.plan
  if (agreed || (isOver && isReplaced)) return t('billing.agreed')
  const runs = isLive(site)
  const left =
    runs && runsUntil !== null && runsUntil > now
      ? join(t('ends.suspension', { at: dateText(words, runsUntil, now) }), t('ends.kept'))
      : ''
  switch (state) {
    case 'active':
      return runningText(words, billing, runs && site.plan === billing.plan)
    case 'paused':
      return join(t('billing.paused'), left, t('billing.paused-then'))
    case 'ended':
      return join(t('billing.ended'), left, offersPlans(site, billing) ? t('billing.ended-then') : '')
    case 'none':
      if (site.extension === null) return t('billing.agreed')
      return trialText(words, (site.trialEndsAt ?? now) <= now, offersPlans(site, billing))
    case 'past-due':
      return leftText(words, site)
  }
}

/** Tells the owner of an overdue payment; empty without one, or if the owner deletes the site. @param now by the domain clock; RFC 3339 */
export const dueText = (words: Words, { state, graceEndsAt }: Billing, site: Site, now: string): string => {
  const { t } = words
  if (state !== 'past-due' || site.deletion?.revocable) return ''
  if (graceEndsAt === null) return t('billing.due')
  if (graceEndsAt <= now) return join(t('billing.due-over'), t('billing.due'))
  const at = dateText(words, graceEndsAt, now)
  return join(t('billing.due'), t(isLive(site) ? 'billing.due-by' : 'billing.due-by-stopped', { at }))
}

/** A plan change that waits for the bank, while there is time to confirm it. @param now by the domain clock; RFC 3339 */
export const openChange = ({ pendingChange }: Billing, now: string) =>
  pendingChange === null || pendingChange.confirmBy <= now ? undefined : pendingChange

const monthsOf = { month: 1, year: 12 } as const

/** What Stripe charges at a change of plan: it bills another interval from today, and the difference otherwise. */
export const chargeOf = (before: Price | undefined, after: Price): 'period' | 'difference' | 'credit' => {
  if (before?.interval !== after.interval) return 'period'
  return after.amount / monthsOf[after.interval] < before.amount / monthsOf[before.interval] ? 'credit' : 'difference'
}

/** By what the plans are sold in a currency, and what the owner has is billed by, in the order that is shown. */
export const intervalsOf = (
  plans: readonly Pick<Plan, 'prices'>[],
  currency: string | undefined,
  { state, interval: own }: Pick<Billing, 'state' | 'interval'>,
): readonly Price['interval'][] =>
  (['month', 'year'] as const).filter(
    (interval) =>
      (state === 'active' && interval === own) ||
      plans.some(({ prices }) => prices.some((price) => price.interval === interval && price.currency === currency)),
  )

/** The price of a plan on sale that is the lowest for a month, in the first currency of each: by the month where it is sold so. */
export const lowestPriceOf = (plans: readonly Pick<Plan, 'kind' | 'prices'>[]): Price | undefined => {
  const prices = plans.flatMap(({ kind, prices: [first, ...others] }) => {
    if (kind !== 'paid' || first === undefined) return []
    return [
      [first, ...others].find(({ interval, currency }) => interval === 'month' && currency === first.currency) ?? first,
    ]
  })
  const perMonth = ({ amount, interval }: Price): number => amount / monthsOf[interval]
  return prices.toSorted((one, other) => perMonth(one) - perMonth(other))[0]
}
