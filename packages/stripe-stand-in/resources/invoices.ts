import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, listEndpoint } from '../api/endpoint.ts'
import { amount, collection, currency, metadata, record, seconds } from '../collection.ts'
import { nulls, type ObjectList, wholeList } from '../objects.ts'
import type { World } from '../world.ts'
import { customers } from './customers.ts'
import { type LineObject, lineObject, lineSchema } from './invoice-lines.ts'
import { subscriptions } from './subscriptions.ts'

const invoiceSchema = z.object({
  ...record,
  customer: z.string(),
  subscription: z.string(),
  subscriptionMetadata: metadata,
  metadata: metadata.default({}),
  currency,
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']),
  billingReason: z.enum(['subscription_create', 'subscription_cycle', 'subscription_update']),
  periodStart: seconds,
  periodEnd: seconds,
  lines: z.array(lineSchema),
  startingBalance: amount,
  /** Null until it is finalized. */
  endingBalance: amount.nullable(),
  amountDue: amount,
  amountPaid: amount,
  attemptCount: z.int(),
  autoAdvance: z.boolean(),
  finalizesAt: seconds.nullable(),
  nextAttemptAt: seconds.nullable(),
  finalizedAt: seconds.nullable(),
  paidAt: seconds.nullable(),
  voidedAt: seconds.nullable(),
  uncollectibleAt: seconds.nullable().default(null),
  /** How many days it leaves to pay it; null if a card pays. */
  daysUntilDue: z.int().nullable().default(null),
  /** The id of a discount of all that its lines charge. */
  discount: z.string().nullable().default(null),
})
export type Invoice = z.infer<typeof invoiceSchema>

export const invoices = collection('invoice', invoiceSchema, ({ status, autoAdvance, finalizesAt, nextAttemptAt }) => {
  if (!autoAdvance) return undefined
  if (status === 'draft') return finalizesAt ?? undefined
  return status === 'open' ? (nextAttemptAt ?? undefined) : undefined
})

const subtotalOf = ({ lines }: Pick<Invoice, 'lines'>): number => lines.reduce((total, line) => total + line.amount, 0)

export const invoiceTotal = (invoice: Pick<Invoice, 'lines' | 'discount'>): number =>
  invoice.discount === null ? subtotalOf(invoice) : 0

/** The page on which a person pays it. */
export const invoiceUrl = ({ address }: World, { id }: Invoice): string => `${address}/invoice/${id}`

/** The second at which an invoice to be paid by transfer is due; null for any other, and before it is finalized. */
export const dueAtOf = ({ daysUntilDue, finalizedAt }: Invoice): number | null =>
  daysUntilDue === null || finalizedAt === null ? null : finalizedAt + daysUntilDue * 86_400

const noTax = { enabled: false, ...nulls('disabled_reason liability provider status') }

export const invoiceObject = (
  world: World,
  invoice: Invoice,
): Omit<Stripe.Invoice, 'lines'> & { lines: ObjectList<LineObject> } => {
  const total = invoiceTotal(invoice)
  const subtotal = subtotalOf(invoice)
  const { discount } = invoice
  const lines = invoice.lines.map((line) => lineObject(world, invoice, line))
  return {
    id: invoice.id,
    object: 'invoice',
    account_country: 'DE',
    amount_due: invoice.amountDue,
    amount_overpaid: 0,
    amount_paid: invoice.amountPaid,
    amount_paid_off_stripe: 0,
    amount_remaining: invoice.amountDue - invoice.amountPaid,
    amount_shipping: 0,
    attempt_count: invoice.attemptCount,
    attempted: invoice.attemptCount > 0 || invoice.paidAt !== null,
    auto_advance: invoice.autoAdvance,
    automatic_tax: noTax,
    automatically_finalizes_at: invoice.finalizesAt,
    billing_reason: invoice.billingReason,
    collection_method: invoice.daysUntilDue === null ? 'charge_automatically' : 'send_invoice',
    created: invoice.created,
    currency: invoice.currency,
    customer: invoice.customer,
    customer_email: customers.require(world, invoice.customer).email,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_tax_rates: [],
    discounts: discount === null ? [] : [discount],
    due_date: dueAtOf(invoice),
    effective_at: invoice.finalizedAt,
    ending_balance: invoice.endingBalance,
    issuer: { type: 'self' },
    lines: wholeList(lines, `/v1/invoices/${invoice.id}/lines`),
    livemode: false,
    hosted_invoice_url: invoice.finalizedAt === null ? null : invoiceUrl(world, invoice),
    metadata: invoice.metadata,
    next_payment_attempt: invoice.daysUntilDue === null && invoice.autoAdvance ? invoice.nextAttemptAt : null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: invoice.subscriptionMetadata, subscription: invoice.subscription },
      type: 'subscription_details',
    },
    payment_settings: nulls('default_mandate payment_method_options payment_method_types'),
    period_end: invoice.periodEnd,
    period_start: invoice.periodStart,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    starting_balance: invoice.startingBalance,
    status: invoice.status,
    status_transitions: {
      finalized_at: invoice.finalizedAt,
      marked_uncollectible_at: invoice.uncollectibleAt,
      paid_at: invoice.paidAt,
      voided_at: invoice.voidedAt,
    },
    subtotal,
    subtotal_excluding_tax: subtotal,
    total,
    total_discount_amounts: discount === null ? [] : [{ amount: subtotal, discount }],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: invoice.created,
    ...nulls('account_name account_tax_ids application custom_fields customer_account customer_address customer_name'),
    ...nulls('customer_phone customer_shipping default_payment_method default_source description footer'),
    ...nulls('from_invoice invoice_pdf last_finalization_error latest_revision number on_behalf_of'),
    ...nulls('receipt_number rendering shipping_cost shipping_details statement_descriptor test_clock'),
  }
}

export const emitInvoice = (world: World, type: string, invoice: Invoice): void =>
  world.emit(type, invoiceObject(world, invoice))

export const requireInvoice = finder(invoices.get, 'invoice')

const listParameters = { subscription: z.string(), status: invoiceSchema.shape.status.optional() }

export const invoiceEndpoints = [
  listEndpoint('/v1/invoices', 'invoice', listParameters, {
    find: (world, { subscription }) => invoices.list(world, subscriptions.get(world, subscription)?.customer ?? ''),
    isWanted: ({ subscription, status }, wanted) =>
      subscription === wanted.subscription && (wanted.status ?? status) === status,
    show: (invoice, world) => invoiceObject(world, invoice),
  }),
  endpoint('GET', '/v1/invoices/:id', {}, (world, id) => invoiceObject(world, requireInvoice(world, id))),
  listEndpoint(
    '/v1/invoices/:id/lines',
    'line_item',
    {},
    {
      find: (world, _, id) => requireInvoice(world, id).lines,
      show: (line, world, id) => lineObject(world, requireInvoice(world, id), line),
    },
  ),
]
