import { SitewrightError } from '../errors.ts'
import { system } from '../events/system.ts'
import type { SiteId } from '../ids.ts'
import type { Subscription } from '../ports/payments.ts'
import type { ChangeContext } from '../site/change.ts'
import type { KeptSite, PurgedSite, Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import { startOperationSoon } from '../site/start-operation.ts'
import { isCancellable } from './billing-state.ts'
import type { ConvergePorts } from './converge-ports.ts'
import { isSoldBy } from './is-sold.ts'
import type { BillingStep } from './next-billing-step.ts'
import { nextBillingStep } from './next-billing-step.ts'
import { returnSubscription } from './return-subscription.ts'
import { siteSubscriptions } from './site-subscriptions.ts'

/** `unknown`: there is no such site, or none that could have been paid for. */
export type Convergence = 'same' | 'changed' | 'unknown'

/** More than a site with a few subscriptions needs, also while others change it. */
const mostSteps = 24

const isBillable = (site: Site | undefined): site is KeptSite | PurgedSite => isKept(site) || site?.status === 'purged'

/** What a person has to look at: nothing is done about it. */
const report = (
  { plans, log }: ConvergePorts,
  site: KeptSite | PurgedSite,
  subscriptions: readonly Subscription[],
): void => {
  const { id: siteId, billing, status } = site
  const isSold = isSoldBy(plans)
  for (const { id: subscriptionId, status: stripeStatus, price } of subscriptions) {
    if (isCancellable(stripeStatus) && (price === undefined || !isSold(price))) {
      log.error({ siteId, subscriptionId }, 'a subscription has a price that is none of ours: the plan stays')
    }
  }
  const isMissing = billing !== undefined && !subscriptions.some(({ id }) => id === billing.subscriptionId)
  // Stripe forgets no subscription: it is we who ask in the wrong place, and nobody loses a site by that.
  if (isMissing && status !== 'purged') {
    log.error({ siteId, subscriptionId: billing.subscriptionId }, "a site's subscription is not known to Stripe")
  }
  const isOperators = 'suspendedBecause' in site && site.suspendedBecause === 'operator'
  if (isOperators && billing?.state === 'active') {
    log.warn({ siteId, subscriptionId: billing.subscriptionId }, 'a site that an operator has suspended is paid for')
  }
  if (billing?.isDisputed === true) {
    log.error({ siteId, subscriptionId: billing.subscriptionId }, "a payment of a site's subscription is disputed")
  }
}

const take = async (
  ports: ConvergePorts,
  site: KeptSite | PurgedSite,
  step: BillingStep,
  { context, settled }: { readonly context: ChangeContext; readonly settled: Set<string> },
): Promise<void> => {
  switch (step.kind) {
    case 'change':
      if ((await ports.sites.commit(step.change)).done) await startOperationSoon(ports, step.change.after)
      return
    case 'renewal':
      return ports.payments.setCancelAtPeriodEnd(step.subscriptionId, step.cancels)
    case 'return': {
      const isMore = await returnSubscription(ports, site, step.unwanted, context)
      if (!isMore) settled.add(step.unwanted.subscription.id)
    }
  }
}

/**
 * Brings a site and its subscriptions into line with what Stripe says now. The site is read before Stripe is asked, and
 * written on condition of that: what was asked earlier never overwrites what was asked later. It may be repeated, and run
 * twice at once.
 * @param knownCustomers who is known to have paid, besides the account's customer.
 * @throws {SitewrightError} `Unavailable` where Stripe cannot be asked, or the site goes on changing: to be repeated.
 */
export const convergeSite = async (
  ports: ConvergePorts,
  siteId: SiteId,
  { causationId, knownCustomers }: { readonly causationId: string; readonly knownCustomers?: readonly string[] },
): Promise<Convergence> => {
  const { sites, plans, policies, clocks, randomness } = ports
  const context: ChangeContext = { actor: system, causationId, clocks, randomness }
  const settled = new Set<string>()
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const site = await sites.get(siteId)
    if (!isBillable(site)) return 'unknown'
    const subscriptions = await siteSubscriptions(ports, site, knownCustomers)
    const policy = policies.find(site.policyVersion)
    const step = nextBillingStep(site, subscriptions, { policy, context, settled, isSold: isSoldBy(plans) })
    if (step === undefined) {
      report(ports, site, subscriptions)
      return steps === 0 ? 'same' : 'changed'
    }
    await take(ports, site, step, { context, settled })
  }
  throw new SitewrightError('Unavailable', `The billing of ${siteId} goes on changing. Try again.`)
}
