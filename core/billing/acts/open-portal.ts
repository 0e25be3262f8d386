import { SitewrightError } from '../../errors.ts'
import type { OwnerAct } from '../../site/acts/change-named-site.ts'
import type { BillingActPorts } from './billing-act.ts'
import { findOwnSite } from './find-own-site.ts'

/**
 * The way to Stripe's portal, where an owner sees invoices, changes cards and ends subscriptions. Of a site that is gone too:
 * its invoices stay.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` where nothing was bought, `Unavailable`.
 */
export const openOwnPortal = async (
  ports: Pick<BillingActPorts, 'sites' | 'accounts' | 'payments' | 'consoleUrl'>,
  act: OwnerAct,
): Promise<{ readonly url: string }> => {
  const site = await findOwnSite(ports, act)
  const customerId = (await ports.accounts.get(act.accountId))?.customerId
  if (customerId !== undefined) return ports.payments.openPortal({ customerId, returnUrl: `${ports.consoleUrl}/#/` })
  throw new SitewrightError(
    'TransitionNotAllowed',
    `There is nothing to manage yet. To begin a subscription, use /v1/sites/${site.id}/checkout.`,
  )
}
