import type { Account } from '../../account/account.ts'
import { fixCurrency } from '../../account/account-billing.ts'
import { changeAccount } from '../../account/change-account.ts'
import { SitewrightError } from '../../errors.ts'
import type { Checkouts } from '../../ports/checkouts.ts'
import type { CheckoutSession, PriceChoice } from '../../ports/payments.ts'
import { actContext } from '../../site/acts/act.ts'
import type { OwnerAct } from '../../site/acts/change-named-site.ts'
import type { KeptSite } from '../../site/site.ts'
import type { CheckoutRecord } from '../checkout-record.ts'
import type { BillingActPorts } from './billing-act.ts'
import type { PriceWish } from './choose-price.ts'
import { choosePrice } from './choose-price.ts'
import { convergeSoon } from './converge-soon.ts'
import { customerOf } from './customer-of.ts'
import { findOwnSite } from './find-own-site.ts'
import { isRunning } from './is-running.ts'
import { requireBuyable } from './require-buyable.ts'
import { requireFit } from './require-fit.ts'

export interface CheckoutPorts extends BillingActPorts {
  readonly checkouts: Checkouts
}

export interface OpenedCheckout {
  /** `cs_…` */
  readonly id: string
  /** Where the owner pays. */
  readonly url: string
  /** False where it was there before. */
  readonly isNew: boolean
}

const attempts = 4

const alreadyPaid = (siteId: string): SitewrightError =>
  new SitewrightError(
    'TransitionNotAllowed',
    `A subscription for this site was begun a moment ago. To change it, use /v1/sites/${siteId}/plan.`,
  )

const isSameChoice = (record: CheckoutRecord, price: PriceChoice): boolean =>
  record.plan === price.plan && record.interval === price.interval && record.currency === price.currency

/** The same record always asks for the same session: Stripe keeps the answer below its key for a day, as long as a session lasts. */
const openSession = (
  { payments, consoleUrl }: CheckoutPorts,
  { siteId, customerId, version, plan, interval, currency }: CheckoutRecord,
  accountId: Account['id'],
): Promise<CheckoutSession> =>
  payments.openCheckout({
    siteId,
    accountId,
    customerId,
    price: { plan, interval, currency },
    successUrl: `${consoleUrl}/#/bought/${siteId}`,
    cancelUrl: `${consoleUrl}/#/`,
    idempotencyKey: `checkout-${siteId}-${version}`,
  })

/** The session of a record as it is now; whoever began it may have died before its id was noted. */
const sessionOf = async (
  ports: CheckoutPorts,
  record: CheckoutRecord,
  accountId: Account['id'],
): Promise<CheckoutSession | undefined> => {
  const { sessionId } = record
  if (sessionId !== undefined) return ports.payments.findCheckout(sessionId)
  const { id } = await openSession(ports, record, accountId)
  await ports.checkouts.noteSession({ ...record, sessionId: id })
  // What comes back for a key that was used before is the session as it was then.
  return ports.payments.findCheckout(id)
}

/** Undefined where the earlier checkout no longer stands in the way. */
const useEarlier = async (
  ports: CheckoutPorts,
  record: CheckoutRecord,
  price: PriceChoice,
  accountId: Account['id'],
): Promise<OpenedCheckout | undefined> => {
  const session = await sessionOf(ports, record, accountId)
  if (session?.status !== 'open') return undefined
  const { id, url } = session
  if (url !== undefined && isSameChoice(record, price)) return { id, url, isNew: false }
  // It may be paid in this very moment: that shows in the subscriptions, which are looked at next.
  await ports.payments.expireCheckout(id)
  return undefined
}

/**
 * Nobody pays twice: what Stripe has of the account is asked for just before a session is opened.
 * @returns the currency of what the account has bought before.
 */
const requireNothingRunning = async (
  ports: CheckoutPorts,
  customerId: string,
  { site, act }: { readonly site: KeptSite; readonly act: OwnerAct },
): Promise<string | undefined> => {
  const subscriptions = await ports.payments.subscriptionsOf(customerId)
  if (subscriptions.some((subscription) => subscription.siteId === site.id && isRunning(subscription))) {
    // Its event may have been lost.
    await convergeSoon(ports, site.id, act.causationId)
    throw alreadyPaid(site.id)
  }
  return subscriptions.find(({ status, price }) => price !== undefined && status !== 'incomplete_expired')?.price
    ?.currency
}

/** Undefined where somebody else began another one at the same moment. */
const tryToBegin = async (
  ports: CheckoutPorts,
  { site, account, wish, act }: { site: KeptSite; account: Account; wish: PriceWish; act: OwnerAct },
): Promise<OpenedCheckout | undefined> => {
  const { plan, price } = choosePrice(ports.plans, wish, account.currency)
  await requireFit(ports, site, plan)
  const record = await ports.checkouts.find(site.id)
  const earlier = record === undefined ? undefined : await useEarlier(ports, record, price, account.id)
  if (earlier !== undefined) return earlier

  const context = actContext(ports, act)
  const customer = await customerOf(ports, account, context)
  const bought = await requireNothingRunning(ports, customer.customerId, { site, act })
  if (bought !== undefined && account.currency === undefined) {
    await changeAccount(ports, account.id, (found) => fixCurrency(found, bought, context))
    return undefined
  }
  const next: CheckoutRecord = {
    schemaVersion: 1,
    siteId: site.id,
    version: (record?.version ?? 0) + 1,
    customerId: customer.customerId,
    ...price,
  }
  if (!(await ports.checkouts.begin(next))) return undefined
  const { id, url } = await openSession(ports, next, account.id)
  if (!(await ports.checkouts.noteSession({ ...next, sessionId: id })) || url === undefined) return undefined
  return { id, url, isNew: true }
}

/**
 * Opens a checkout of a subscription for the owner's site. The open one is given out again for the same choice, and expires
 * for another one: a site never has two.
 * @throws {SitewrightError} `NotFound`, `InvalidRequest`, `TransitionNotAllowed` where it has a subscription or was paid for a
 *   moment before, `LimitsExceeded`, `Unavailable` where Stripe does not answer: the same request may then be repeated.
 */
export const beginCheckout = async (ports: CheckoutPorts, act: OwnerAct, wish: PriceWish): Promise<OpenedCheckout> => {
  const site = requireBuyable(await findOwnSite(ports, act), ports.plans)
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const account = await ports.accounts.get(act.accountId)
    if (account === undefined) throw new SitewrightError('NotFound', 'There is no such account.')
    const opened = await tryToBegin(ports, { site, account, wish, act })
    if (opened !== undefined) return opened
  }
  throw new SitewrightError('VersionConflict', 'Another checkout for this site is begun at the same moment. Try again.')
}
