import { refuse, SitewrightError } from '../../../core/errors.ts'
import { actContext, findOwnSite, type OwnerAct } from '../../../core/site/change-site.ts'
import type { ChangeContext } from '../../../core/site/lifecycle.ts'
import { ownershipOf } from '../../../core/site/site.ts'
import { type Account, openBilling } from '../../accounts/account.ts'
import { changeAccount } from '../../accounts/change-account.ts'
import { admitPaymentAct, type BillingActPorts } from './admit-payment-act.ts'

/**
 * Opens Stripe's portal for invoices, cards and cancellation, also for a purged site.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` if nothing was bought, `RateLimited`, `Unavailable`.
 */
export const openOwnPortal = async (ports: BillingActPorts, act: OwnerAct): Promise<{ readonly url: string }> => {
  const site = await findOwnSite(ports, act)
  const account = await ports.accounts.get(act.accountId)
  // A restored account may have lost its customer, which its site's subscription shows, and Stripe still has.
  const hasPaid = account?.customerId !== undefined || ('billing' in site && site.billing !== undefined)
  if (account === undefined || !hasPaid) {
    return refuse('This account has no purchases yet. Choose a plan to start a subscription.')
  }
  await admitPaymentAct(ports, act.accountId)
  const { customerId } = await customerOf(ports, account, actContext(ports, act))
  const { consoleUrl = ports.consoleUrl } = ports.offers.find(ownershipOf(site)?.offer).brand
  return ports.payments.openPortal({ customerId, returnUrl: `${consoleUrl}/#/sites/${act.siteId}?part=plans` })
}

/**
 * Returns the account with its customer at Stripe. A customer that is missing, or that Stripe no longer knows, is
 * created; the idempotency key makes concurrent calls agree.
 * @throws {SitewrightError} `Unavailable`.
 */
export const customerOf = async (
  ports: Pick<BillingActPorts, 'accounts' | 'accountChanges' | 'payments' | 'log'>,
  account: Account,
  context: ChangeContext,
): Promise<Account & { readonly customerId: string }> => {
  const { id, customerId: known } = account
  if (known !== undefined && (await ports.payments.hasCustomer(known))) return { ...account, customerId: known }
  const owner = await ports.accounts.getOwner(id)
  if (owner === undefined) throw new SitewrightError('NotFound', 'There is no such account.')
  const made = await ports.payments.openCustomer({
    accountId: id,
    email: owner.email,
    // The first key would return the deleted customer for a day.
    idempotencyKey: known === undefined ? `customer-${id}` : `customer-${id}-after-${known}`,
  })
  if (known !== undefined) {
    ports.log.warn({ accountId: id, customerId: known, now: made }, 'the customer of an account is unknown to Stripe')
  }
  const after = await changeAccount(ports, id, (found) => openBilling(found, made, context, known))
  return { ...after, customerId: after.customerId ?? made }
}
