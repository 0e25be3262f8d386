import type Stripe from 'stripe'
import type { Invoice } from '../records/invoice.ts'
import type { World } from '../world.ts'
import { customerOf } from '../world.ts'
import type { InvoiceLineObject } from './invoice-line-object.ts'
import { invoiceLineObject } from './invoice-line-object.ts'
import type { ObjectList } from './object-list.ts'
import { wholeList } from './object-list.ts'

export type InvoiceObject = Omit<Stripe.Invoice, 'lines'> & {
  lines: ObjectList<InvoiceLineObject>
}

export const invoiceTotal = ({ lines }: Pick<Invoice, 'lines'>): number =>
  lines.reduce((total, { amount }) => total + amount, 0)

/** What one end of its life says of it. */
const moments = (invoice: Invoice) => ({
  effective_at: invoice.finalizedAt,
  status_transitions: {
    finalized_at: invoice.finalizedAt,
    marked_uncollectible_at: invoice.uncollectibleAt,
    paid_at: invoice.paidAt,
    voided_at: invoice.voidedAt,
  },
  webhooks_delivered_at: invoice.created,
})

export const invoiceObject = (world: World, invoice: Invoice): InvoiceObject => {
  const customer = customerOf(world, invoice.customer)
  const total = invoiceTotal(invoice)
  const page = invoice.finalizedAt === null ? null : `${world.address}/invoices/${invoice.id}`
  return {
    id: invoice.id,
    object: 'invoice',
    account_country: 'DE',
    account_name: null,
    account_tax_ids: null,
    amount_due: invoice.amountDue,
    amount_overpaid: 0,
    amount_paid: invoice.amountPaid,
    amount_paid_off_stripe: 0,
    amount_remaining: invoice.amountDue - invoice.amountPaid,
    amount_shipping: 0,
    application: null,
    attempt_count: invoice.attemptCount,
    attempted: invoice.isAttempted,
    auto_advance: invoice.autoAdvance,
    automatic_tax: {
      disabled_reason: null,
      enabled: invoice.hasAutomaticTax,
      liability: invoice.hasAutomaticTax ? { type: 'self' } : null,
      provider: invoice.hasAutomaticTax ? 'stripe' : null,
      status: invoice.hasAutomaticTax ? 'complete' : null,
    },
    automatically_finalizes_at: invoice.finalizesAt,
    billing_reason: invoice.billingReason,
    collection_method: 'charge_automatically',
    created: invoice.created,
    currency: invoice.currency,
    custom_fields: null,
    customer: invoice.customer,
    customer_account: null,
    customer_address: null,
    customer_email: customer.email,
    customer_name: customer.name,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    ending_balance: invoice.endingBalance,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: page,
    invoice_pdf: page,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: wholeList(
      invoice.lines.map((line) => invoiceLineObject(world, invoice, line)),
      `/v1/invoices/${invoice.id}/lines`,
    ),
    livemode: false,
    metadata: invoice.metadata,
    next_payment_attempt: invoice.nextAttemptAt,
    number: invoice.number,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: invoice.subscriptionMetadata, subscription: invoice.subscription },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: invoice.periodEnd,
    period_start: invoice.periodStart,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: invoice.startingBalance,
    statement_descriptor: null,
    status: invoice.status,
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: null,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    ...moments(invoice),
  }
}
