import { SitewrightError } from '../../errors.ts'
import type { OwnerAct } from '../../site/change-site.ts'
import { actContext } from '../../site/change-site.ts'
import { admitPaymentAct } from './admit-payment-act.ts'
import type { BillingActPorts } from './billing-act.ts'
import { customerOf } from './customer-of.ts'
import { findOwnSite } from './find-own-site.ts'

/**
 * The way to Stripe's portal, where an owner sees invoices, changes cards and ends subscriptions. Of a site that is gone too:
 * its invoices stay.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` where nothing was bought, `RateLimited`, `Unavailable`.
 */
export const openOwnPortal = async (ports: BillingActPorts, act: OwnerAct): Promise<{ readonly url: string }> => {
  const site = await findOwnSite(ports, act)
  const account = await ports.accounts.get(act.accountId)
  if (account?.customerId === undefined) {
    throw new SitewrightError(
      'TransitionNotAllowed',
      `There is nothing to manage yet. To begin a subscription, use /v1/sites/${site.id}/checkout.`,
    )
  }
  await admitPaymentAct(ports, act.accountId)
  const { customerId } = await customerOf(ports, account, actContext(ports, act))
  return ports.payments.openPortal({ customerId, returnUrl: `${ports.consoleUrl}/#/` })
}
