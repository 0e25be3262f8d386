import { announceInvoice, changeCustomer } from '../announce.ts'
import { invoiceTotal } from '../objects/invoice-object.ts'
import type { Invoice, InvoiceLine } from '../records/invoice.ts'
import type { Subscription } from '../records/subscription.ts'
import type { World } from '../world.ts'
import { customerOf } from '../world.ts'

/** What is to be paid of a total by a customer whose balance is that; a negative one is a credit. */
const amountDue = (total: number, balance: number): number => Math.max(0, total + balance)

/**
 * Makes the invoice of a subscription, not finalized yet. It becomes the subscription's latest, which the caller says.
 * @param options.finalizesAt by itself; null where somebody finalizes it.
 */
export const draftInvoice = (
  world: World,
  subscription: Subscription,
  options: {
    readonly billingReason: Invoice['billingReason']
    readonly lines: readonly InvoiceLine[]
    readonly periodStart: number
    readonly periodEnd: number
    readonly finalizesAt: number | null
    readonly autoAdvance: boolean
  },
): Invoice => {
  const { billingReason, lines, periodStart, periodEnd, finalizesAt, autoAdvance } = options
  const { balance, currency } = customerOf(world, subscription.customer)
  if (currency === null) changeCustomer(world, subscription.customer, { currency: subscription.currency })
  const invoice = world.records.invoices.put({
    id: world.newId('in_'),
    created: world.now,
    customer: subscription.customer,
    subscription: subscription.id,
    subscriptionMetadata: subscription.metadata,
    currency: subscription.currency,
    status: 'draft',
    number: null,
    billingReason,
    periodStart,
    periodEnd,
    lines: [...lines],
    metadata: {},
    startingBalance: balance,
    endingBalance: null,
    amountDue: amountDue(invoiceTotal({ lines: [...lines] }), balance),
    amountPaid: 0,
    attemptCount: 0,
    isAttempted: false,
    autoAdvance,
    finalizesAt,
    nextAttemptAt: finalizesAt,
    finalizedAt: null,
    paidAt: null,
    voidedAt: null,
    uncollectibleAt: null,
    hasAutomaticTax: subscription.hasAutomaticTax,
  })
  announceInvoice(world, 'invoice.created', invoice)
  return invoice
}
