import type { SiteId } from '../../ids.ts'
import type { Payments, Subscription } from '../../ports/payments.ts'
import type { SiteStore } from '../../ports/stores.ts'
import type { KeptSite } from '../../site/site.ts'
import type { ConvergePorts } from '../read-subscriptions.ts'
import type { ReconciledSite } from './reconcile-site.ts'
import { reconcileSite } from './reconcile-site.ts'

export interface ReconcileBillingPorts extends ConvergePorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit' | 'listByStatus'>
  readonly payments: ConvergePorts['payments'] & Pick<Payments, 'listSubscriptions'>
}

export interface BillingDrift {
  /** Subscriptions that Stripe has of ours, those that have ended included. */
  readonly subscriptions: number
  /** Sites whose record or subscription was not as it should be, and is now. */
  readonly repaired: readonly SiteId[]
  /** Subscriptions of sites that are not there. */
  readonly withoutSite: readonly string[]
  /** Sites whose subscription Stripe did not list. */
  readonly withoutSubscription: readonly SiteId[]
  /** Sites of a paid plan that nobody pays for, by arrangement with an operator. */
  readonly byArrangement: readonly SiteId[]
  /** Sites, those that are gone included, of which a payment is disputed. */
  readonly disputed: readonly SiteId[]
  /** Sites, those that are gone included, for which something was paid for nothing that could not be given back. */
  readonly unreturned: readonly SiteId[]
  /** Sites that could not be reconciled; what kept them from it is in the log. */
  readonly left: readonly SiteId[]
}

/** So many sites at the same time: each that has drifted asks Stripe for a few things. */
const atOnce = 4

const listBySite = async (payments: Pick<Payments, 'listSubscriptions'>): Promise<Map<SiteId, Subscription[]>> => {
  const sites = new Map<SiteId, Subscription[]>()
  for await (const subscription of payments.listSubscriptions()) {
    const { siteId } = subscription
    if (siteId === undefined) continue
    const known = sites.get(siteId)
    if (known === undefined) sites.set(siteId, [subscription])
    else known.push(subscription)
  }
  return sites
}

/** Read from an index that may be a moment behind: a list for people, on which nothing is done. */
async function* keptSites({ listByStatus }: Pick<SiteStore, 'listByStatus'>): AsyncGenerator<KeptSite> {
  yield* listByStatus('active')
  yield* listByStatus('suspended')
  yield* listByStatus('archived')
}

const findUnpaid = async (
  { sites, plans }: Pick<ReconcileBillingPorts, 'sites' | 'plans'>,
  known: ReadonlySet<string>,
) => {
  const sold = new Set(plans.plans.filter(({ kind }) => kind === 'paid').map(({ id }) => id))
  const withoutSubscription: SiteId[] = []
  const byArrangement: SiteId[] = []
  for await (const { id, plan, billing } of keptSites(sites)) {
    if (billing === undefined) {
      if (sold.has(plan)) byArrangement.push(id)
    } else if (!known.has(billing.subscriptionId)) withoutSubscription.push(id)
  }
  return { withoutSubscription, byArrangement }
}

const reconcileSites = async (
  ports: ReconcileBillingPorts,
  bySite: ReadonlyMap<SiteId, readonly Subscription[]>,
  causationId: string,
) => {
  const found: Record<'repaired' | 'disputed' | 'unreturned' | 'left', SiteId[]> & { withoutSite: string[] } = {
    repaired: [],
    withoutSite: [],
    disputed: [],
    unreturned: [],
    left: [],
  }
  const note = (siteId: SiteId, listed: readonly Subscription[], site: ReconciledSite): void => {
    if (site.outcome === 'changed') found.repaired.push(siteId)
    if (site.outcome === 'unknown') found.withoutSite.push(...listed.map(({ id }) => id))
    if (site.isDisputed) found.disputed.push(siteId)
    if (site.isUnreturned) found.unreturned.push(siteId)
  }
  const queue = bySite.entries()
  const worker = async (): Promise<void> => {
    for (const [siteId, listed] of queue) {
      try {
        note(siteId, listed, await reconcileSite(ports, siteId, { listed, causationId }))
      } catch (error) {
        ports.log.warn({ siteId, err: error }, 'the billing of a site could not be reconciled')
        found.left.push(siteId)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return found
}

/**
 * Holds all of Stripe's subscriptions of ours against our records, and repairs what differs by the same convergence that
 * events start. What cannot be repaired now does not keep the others. What nobody can repair is listed.
 * @throws {SitewrightError} `Unavailable` where Stripe cannot be asked at all.
 */
export const reconcileBilling = async (ports: ReconcileBillingPorts, causationId: string): Promise<BillingDrift> => {
  const { payments, log } = ports
  const bySite = await listBySite(payments)
  const known = new Set([...bySite.values()].flatMap((listed) => listed.map(({ id }) => id)))
  const found = await reconcileSites(ports, bySite, causationId)
  const drift = { ...found, ...(await findUnpaid(ports, known)) }
  for (const siteId of drift.repaired)
    log.error({ event: 'billing-drift-repaired', siteId }, 'billing had drifted, and was put right')
  for (const subscriptionId of drift.withoutSite)
    log.error({ event: 'subscription-without-site', subscriptionId }, 'a subscription has no site')
  for (const siteId of drift.withoutSubscription)
    log.error({ event: 'site-without-subscription', siteId }, 'a paid site has no subscription')
  for (const siteId of drift.unreturned) {
    log.info({ siteId }, 'what was paid for a site for nothing is to be given back by a person')
  }
  const counts = Object.fromEntries(Object.entries(drift).map(([name, all]) => [name, all.length]))
  log.info({ event: 'billing-reconciled', subscriptions: known.size, ...counts }, 'billing was reconciled')
  return { subscriptions: known.size, ...drift }
}
