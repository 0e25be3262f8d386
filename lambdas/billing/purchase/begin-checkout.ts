import { SitewrightError } from '../../../core/errors.ts'
import type { Subscription } from '../../../core/ports/payments.ts'
import { conflict, retryOnConflict } from '../../../core/retry-on-conflict.ts'
import { actContext, findOwnSite, type OwnerAct } from '../../../core/site/change-site.ts'
import type { KeptSite } from '../../../core/site/site.ts'
import { type Account, fixCurrency } from '../../accounts/account.ts'
import { changeAccount, requireAccount } from '../../accounts/change-account.ts'
import { plansFor } from '../../offers/offers.ts'
import type { CheckoutRecord } from '../payment-notice.ts'
import { mayBeOf } from '../site-subscriptions.ts'
import { admitPaymentAct, convergeSoon } from './admit-payment-act.ts'
import { requireFit } from './change-plan.ts'
import {
  type CheckoutPorts,
  type OpenedCheckout,
  openSession,
  reuseCheckout,
  type SiteCheckoutPorts,
} from './open-checkout.ts'
import { customerOf } from './open-portal.ts'
import { type ChosenPrice, choosePrice, isRunning, type RequestedPrice, requireBuyable } from './purchase-terms.ts'

const alreadyPaid = (): SitewrightError =>
  new SitewrightError('TransitionNotAllowed', 'This site already has a subscription. Change its plan instead.')

/** Whether it has been paid, or waits for its first payment: then it fixes the currency. */
const wasBought = ({ status, paidThrough }: Subscription): boolean =>
  status !== 'incomplete_expired' && (status !== 'canceled' || paidThrough !== undefined)

/**
 * Refuses a second purchase: asks Stripe just before a session is opened.
 * @returns the currency of earlier purchases.
 */
const requireNothingRunning = async (
  ports: CheckoutPorts,
  customerId: string,
  { site, act, isOver }: Pick<Beginning, 'site' | 'act'> & { readonly isOver: boolean },
): Promise<string | undefined> => {
  const subscriptions = await ports.payments.subscriptionsOf(customerId)
  if (subscriptions.some((one) => one.status === 'unknown' && mayBeOf(site, one))) {
    throw new SitewrightError(
      'Unavailable',
      'We cannot read your subscription at the moment. Contact us if this continues.',
      { retryAfterSeconds: 60 },
    )
  }
  // A failed payment leaves one that nobody collects. If it is paid later, it counts as a second subscription.
  const blocks = (one: Subscription): boolean => isRunning(one) && !(isOver && one.status === 'incomplete')
  if (subscriptions.some((subscription) => subscription.siteId === site.id && blocks(subscription))) {
    await convergeSoon(ports, site.id, act.causationId)
    throw alreadyPaid()
  }
  return subscriptions.filter(wasBought).find(({ price }) => price !== undefined)?.price?.currency
}

interface Beginning {
  readonly site: KeptSite
  readonly account: Account
  readonly chosen: ChosenPrice
  readonly act: OwnerAct
}

/** @returns undefined if another checkout was begun at the same time. */
const tryToBegin = async (
  ports: SiteCheckoutPorts,
  { site, account, chosen, act }: Beginning,
): Promise<OpenedCheckout | undefined> => {
  await requireFit(ports, site, chosen.plan)
  const context = actContext(ports, act)
  const customer = await customerOf(ports, account, context)
  const record = await ports.checkouts.find(site.id)
  const earlier = record === undefined ? undefined : await reuseCheckout(ports, record, chosen, customer)
  if (typeof earlier === 'object') return earlier
  if (earlier === 'replaced') return undefined

  const bought = await requireNothingRunning(ports, customer.customerId, { site, act, isOver: earlier === 'over' })
  if (bought !== undefined && account.currency === undefined) {
    await changeAccount(ports, account.id, (found) => fixCurrency(found, bought, context))
    return undefined
  }
  const next: CheckoutRecord = {
    schemaVersion: 1,
    siteId: site.id,
    version: (record?.version ?? 0) + 1,
    customerId: customer.customerId,
    ...chosen.price,
    amount: chosen.amount,
  }
  if (!(await ports.checkouts.begin(next, earlier === 'unopened' ? earlier : undefined))) return undefined
  const { id, url } = await openSession(ports, next, account.id)
  if (!(await ports.checkouts.noteSession({ ...next, sessionId: id })) || url === undefined) return undefined
  return { id, url, isNew: true }
}

/**
 * Opens a checkout for the owner's site. An open one is reused for the same choice and expired for another, so a site
 * never has two.
 * @throws {SitewrightError} `NotFound`, `InvalidRequest`, `TransitionNotAllowed` if it has a subscription,
 *   `LimitsExceeded`, `RateLimited`, `Unavailable` if Stripe does not answer: repeat the request.
 */
export const beginCheckout = async (
  given: CheckoutPorts,
  act: OwnerAct,
  request: RequestedPrice,
): Promise<OpenedCheckout> => {
  const site = requireBuyable(await findOwnSite(given, act), given.plans)
  const { brand, consoleUrl = given.consoleUrl } = given.offers.find(site.ownership.offer).brand
  const { hostname } = site.ownership
  const ports = { ...given, consoleUrl, description: brand === undefined ? hostname : `${hostname} (${brand})` }
  return retryOnConflict('The checkout of this site', async (attempt) => {
    const account = await requireAccount(ports, act.accountId)
    const chosen = choosePrice(plansFor(ports, site), request, account.currency)
    if (attempt === 0) await admitPaymentAct(ports, act.accountId)
    return (await tryToBegin(ports, { site, account, chosen, act })) ?? conflict
  })
}
