import type { SiteId } from '../../../core/ids.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import { isKept, isLive, type KeptSite, type PurgedSite, type Site } from '../../../core/site/site.ts'
import { billingStateOf, isCancellable, type SiteBilling } from '../../../core/site/site-billing.ts'
import { dataOf } from '../event-data.ts'
import type { BillingScene } from './billing-scene.ts'
import { type HeldSubscription, projectionOf } from './stripe-model.ts'

/** Events that nobody has to correct: prices of staff's own. */
export interface Lived {
  readonly scene: BillingScene
  readonly foreign: ReadonlySet<string>
}

const when = (isWrong: boolean, problem: string): readonly string[] => (isWrong ? [problem] : [])

export const isRunning = (status: Parameters<typeof billingStateOf>[0]): boolean =>
  billingStateOf(status) === 'active' || billingStateOf(status) === 'past-due'

const written = ({ subscriptionId, state, cancelsAtPeriodEnd, paidThrough, isDisputed }: SiteBilling): string =>
  JSON.stringify([subscriptionId, state, cancelsAtPeriodEnd, paidThrough, isDisputed])

const billingOf = ({ after }: SiteChange): SiteBilling | undefined =>
  'billing' in after && after.status !== 'purged' ? after.billing : undefined

/**
 * What was ever written of a subscription was Stripe's at some time, and never again what Stripe was before something that
 * was written already.
 */
export const neverSo = ({ changes, model }: BillingScene): readonly string[] => {
  const reached = new Map<string, number>()
  return changes.flatMap((change) => {
    const billing = billingOf(change)
    if (billing === undefined || dataOf(change.event).billing === undefined) return []
    const place = `${change.after.id} ${billing.subscriptionId}`
    const history = model.history.get(billing.subscriptionId) ?? []
    const index = history.indexOf(written(billing), reached.get(place) ?? 0)
    reached.set(place, Math.max(index, reached.get(place) ?? 0))
    return when(index < 0, `never so, or not any more: ${written(billing)} of ${change.after.id}`)
  })
}

/** Nothing is taken from a site that is paid for, but by its owner. */
export const wronglyTaken = ({ model }: BillingScene, { before, after, event }: SiteChange): readonly string[] => {
  const isTaking = event.type === 'SiteSuspended' || event.type === 'SiteArchived' || event.type === 'SitePurged'
  const isDeleted = before !== undefined && 'deletion' in before && before.deletion !== undefined
  const payer = model.ofSite(after.id).find(({ status }) => status === 'active')
  const isUnderContract = isKept(after) && after.contract !== undefined
  const isOwners = isKept(after) && !isLive(after) && after.deletion !== undefined
  return [
    ...when(isTaking && !isDeleted && payer !== undefined, `${event.type}, and it was paid for by ${payer?.id}`),
    ...when(isTaking && !isDeleted && !isOwners && isUnderContract, `${event.type}, and a contract covers it`),
  ]
}

const sumOf = (invoices: readonly { readonly amount: number; readonly refundedAt?: string }[]): number =>
  invoices.reduce((sum, { amount, refundedAt }) => (refundedAt === undefined ? sum + amount : sum), 0)

/** What a person is told to refund of a subscription. */
export const dueOf = (site: Site, id: string): number =>
  ('returned' in site ? (site.returned ?? []) : []).find(({ subscriptionId }) => subscriptionId === id)?.left ?? 0

/** Whether a payment that has bought nothing is kept, and it is not reported. */
export const isKeptUnheard = (site: Site, { id, invoices }: HeldSubscription): boolean =>
  sumOf(invoices) !== dueOf(site, id)

/** Whether a payment since the purge is kept, and it is not reported. */
export const isKeptSincePurge = (site: PurgedSite, { id, invoices }: HeldSubscription): boolean =>
  sumOf(invoices.filter(({ paidAt }) => paidAt > site.purgedAt)) > dueOf(site, id)

/** A payment that never counted has bought nothing: it was refunded, or a person is told to do it. */
const keptForNothing = ({ scene, foreign }: Lived, id: SiteId): readonly string[] => {
  const counted = new Set(
    scene.changes.flatMap((change) => (change.after.id === id ? (billingOf(change)?.subscriptionId ?? []) : [])),
  )
  return scene.model
    .ofSite(id)
    .filter((held) => !(foreign.has(held.id) || counted.has(held.id)) && isKeptUnheard(scene.site(id), held))
    .map((held) => `money was kept without service on ${held.id} (${held.status}), and it is not reported`)
}

const ofPurged = ({ scene }: Lived, site: PurgedSite): readonly string[] =>
  scene.model
    .ofSite(site.id)
    .flatMap((held) => [
      ...when(isCancellable(held.status), `${held.id} continues, and the site is purged`),
      ...when(isKeptSincePurge(site, held), `money was kept on ${held.id} that was paid after the purge`),
    ])

/** A relocation has changed its plan; the subscription goes on until it is confirmed. The end of a contract gives its plan back. */
const isAgreedOn = ({ changes }: BillingScene, { id, relocation, contract, plan }: KeptSite): boolean => {
  const confirmed = changes.findLast(({ event, after }) => after.id === id && event.type === 'RelocationConfirmed')
  const hasEnded = confirmed !== undefined && dataOf(confirmed.event).side === 'contract'
  return contract !== undefined || relocation?.state === 'switched' || (plan === 'enterprise' && !hasEnded)
}

const ofKept = ({ scene, foreign }: Lived, site: KeptSite): readonly string[] => {
  const running = scene.model.ofSite(site.id).filter(({ id, status }) => !foreign.has(id) && isRunning(status))
  const [one] = running
  if (one === undefined) return []
  const ours = site.billing && written(site.billing)
  const seen = scene.model.seen(one.id)
  const stripes = projectionOf(seen)
  const isStopped = !isLive(site) && site.operation?.kind !== 'restore'
  const isDeleted = !isLive(site) && site.deletion !== undefined
  const isPaid = billingStateOf(one.status) === 'active'
  const isUnderContract = site.contract !== undefined
  return [
    ...when(running.length > 1, `it has ${running.length} subscriptions`),
    ...when(ours !== stripes, `it says ${ours}, and Stripe ${stripes}`),
    ...when(
      !isAgreedOn(scene, site) && site.plan !== one.price?.plan,
      `it has the plan ${site.plan}, and pays ${one.price?.plan}`,
    ),
    ...when(isPaid && isStopped && !isDeleted, `it is paid for and ${site.status}`),
    ...when(isDeleted && !seen.cancelsAtPeriodEnd, `it is to be deleted, and ${one.id} is renewed`),
    ...when(isUnderContract && !seen.cancelsAtPeriodEnd, `a contract covers it, and ${one.id} is renewed`),
    ...when(
      !isDeleted && !isUnderContract && site.billing?.endsWithDeletion === true,
      'it has not got its renewal back',
    ),
  ]
}

/** The faults of a world once everything is quiet. */
export const problemsOf = (lived: Lived, id: SiteId): readonly string[] => {
  const site = lived.scene.site(id)
  const own = site.status === 'purged' ? ofPurged(lived, site) : isKept(site) ? ofKept(lived, site) : []
  return [...keptForNothing(lived, id), ...own].map((problem) => `${id}: ${problem}`)
}
