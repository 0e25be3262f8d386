import type { Account } from '../../account/account.ts'
import type { Checkouts } from '../../ports/billing.ts'
import type { CheckoutSession } from '../../ports/payments.ts'
import type { CheckoutRecord } from '../checkout-record.ts'
import type { BillingActPorts } from './billing-act.ts'

export interface CheckoutPorts extends BillingActPorts {
  readonly checkouts: Checkouts
}

/** The same record always asks for the same session: Stripe keeps the answer below its key for a day, as long as a session lasts. */
export const openSession = (
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
