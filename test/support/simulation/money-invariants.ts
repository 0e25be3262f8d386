import type { SiteEvent } from '../../../core/events/event.ts'
import { type Instant, plusDays } from '../../../core/instant.ts'
import { isBeside } from '../../../core/site/environment.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import { isKept, isLive, type KeptSite, type PurgedSite, type Site } from '../../../core/site/site.ts'
import { billingStateOf, isCancellable } from '../../../core/site/site-billing.ts'
import type { TrialPolicies } from '../../../core/site/trial-policy.ts'
import { dueOf, isKeptSincePurge, isKeptUnheard, isRunning } from '../billing/history-checks.ts'
import { type HeldSubscription, projectionOf } from '../billing/stripe-model.ts'
import { dataOf } from '../event-data.ts'
import { leavesCell } from './sim-cells.ts'
import type { SimStripe } from './sim-stripe.ts'

type Problems = readonly string[]

const when = (isWrong: boolean, problem: string): Problems => (isWrong ? [problem] : [])

const paidThrough = ({ invoices }: HeldSubscription): Instant =>
  invoices
    .filter(({ refundedAt, isCredited }) => refundedAt === undefined && !isCredited)
    .map(({ end }) => end)
    .toSorted()
    .at(-1) ?? ''

/** Whether money that Stripe has, or its grace, covers a site now; this asks neither our records nor our mapping. */
const paysNow = (held: HeldSubscription, graceDays: number, now: Instant): boolean => {
  if (held.status === 'active') return true
  const { pastDueSince: since } = held
  return paidThrough(held) > now || (since !== undefined && plusDays(since, graceDays) > now)
}

const isArranged = ({ plan, billing }: KeptSite): boolean =>
  plan !== 'trial' && (billing === undefined || plan !== billing.plan)

const stages = ['active', 'suspended', 'archived', 'purged']

/** By the clock, and not by its owner, by an operator, or because it is full. */
const isTakenByClock = ({ before, after, event }: SiteChange): boolean => {
  if (before === undefined || event.actor.kind !== 'system') return false
  if (stages.indexOf(before.status) === -1 || stages.indexOf(after.status) <= stages.indexOf(before.status))
    return false
  const isOwners = 'deletion' in before && before.deletion?.by === 'owner'
  return !isOwners && dataOf(event).because !== 'storage-full'
}

/** Whether a change takes something away by the clock while it is paid for, by whatever Stripe says at this moment. */
export const takenWhilePaid = (
  change: SiteChange,
  { stripe, policies, now }: { readonly stripe: SimStripe; readonly policies: TrialPolicies; readonly now: Instant },
): Problems => {
  const { before, after, event } = change
  // An environment ends at its time, whatever pays for its production.
  if (!isTakenByClock(change) || leavesCell(change) || !isKept(before) || isBeside(before)) return []
  const { pastDueDays } = policies.find(before.policyVersion)
  // What a person is told to refund does not pay for the site.
  const payer = stripe.ofSite(before.id).find((held) => dueOf(before, held.id) === 0 && paysNow(held, pastDueDays, now))
  const by = payer === undefined ? '' : `${payer.id}, ${payer.status}, through ${paidThrough(payer)}`
  const problem = `${before.id} is paid for by ${by || 'arrangement'}, and ${event.type} (${dataOf(event).because}) at ${now}`
  return when(payer !== undefined || isArranged(before), `${problem}, ${before.status} to ${after.status}`)
}

/** A payment that never counted for its site has bought nothing: it was refunded, or a person is told to do it. */
const keptForNothing = (stripe: SimStripe, site: Site, history: readonly SiteEvent[]): Problems => {
  const counted = new Set(history.flatMap((event) => dataOf(event).billing?.subscriptionId ?? []))
  return stripe
    .ofSite(site.id)
    .filter((held) => !counted.has(held.id) && isKeptUnheard(site, held))
    .map(
      (held) =>
        `money was kept without service on ${held.id} (${held.status}) of ${site.id}, and ${dueOf(site, held.id)} of it is reported for a refund`,
    )
}

const ofPurged = (stripe: SimStripe, site: PurgedSite): Problems =>
  stripe
    .ofSite(site.id)
    .flatMap((held) => [
      ...when(isCancellable(held.status), `${held.id} continues, and ${site.id} is purged`),
      ...when(isKeptSincePurge(site, held), `money was kept on ${held.id} that was paid after ${site.id} was purged`),
    ])

const isStopped = (site: KeptSite): boolean => {
  if (isLive(site) || site.deletion !== undefined || site.operation?.kind === 'restore') return false
  return site.suspendedBecause !== 'operator' && site.suspendedBecause !== 'storage-full'
}

/** The last word on a plan was an operator's, or it was agreed on: it holds until something is bought. */
const isOperatorsPlan = (history: readonly SiteEvent[]): boolean => {
  const words = history
    .map((event) => ({ ...event, data: dataOf(event) }))
    .filter(({ data }) => data.previousPlan !== undefined && data.previousPlan !== data.plan)
  // A relocation that returns takes its own word back.
  const last = words.findLast(
    ({ data }, index) => data.relocation !== 'returned' && words[index + 1]?.data.relocation !== 'returned',
  )
  return last?.actor.kind === 'operator' || last?.data.relocation === 'switched'
}

const ofKept = (stripe: SimStripe, site: KeptSite, history: readonly SiteEvent[]): Problems => {
  const { id, billing, plan, status } = site
  const all = stripe.ofSite(id)
  const running = all.filter((held) => isRunning(held.status))
  const [one = all.find((held) => held.id === billing?.subscriptionId)] = running
  const isPaid = running.some((held) => billingStateOf(held.status) === 'active')
  const ours = billing && projected(billing)
  const stripes = one && projectionOf(stripe.seen(one.id))
  return [
    ...when(running.length > 1, `${id} has ${running.length} subscriptions`),
    ...when(one !== undefined && ours !== stripes, `${id} says ${ours}, and Stripe ${stripes}`),
    ...when(
      running.length > 0 && plan !== one?.price?.plan && site.contract === undefined && !isOperatorsPlan(history),
      `${id} has the plan ${plan}, and pays ${one?.price?.plan}`,
    ),
    ...when(isPaid && isStopped(site), `${id} is paid for and ${status}`),
    ...when(billing !== undefined && one === undefined, `${id} names ${billing?.subscriptionId}, unknown to Stripe`),
  ]
}

const projected = ({ subscriptionId, state, cancelsAtPeriodEnd, paidThrough: through, isDisputed }: Billed): string =>
  JSON.stringify([subscriptionId, state, cancelsAtPeriodEnd, through, isDisputed])

type Billed = NonNullable<KeptSite['billing']>

/** The faults of a site's money once everything is at rest. */
export const moneyProblems = (stripe: SimStripe, site: Site, history: readonly SiteEvent[]): Problems => {
  if (site.status === 'purged') return [...ofPurged(stripe, site), ...keptForNothing(stripe, site, history)]
  return isKept(site) ? [...ofKept(stripe, site, history), ...keptForNothing(stripe, site, history)] : []
}
