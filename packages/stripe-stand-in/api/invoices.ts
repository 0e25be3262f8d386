import * as z from 'zod'
import { changeSubscription } from '../announce.ts'
import { chargeInvoice } from '../billing/charge-invoice.ts'
import { voidInvoice } from '../billing/end-subscription.ts'
import { finalizeInvoice } from '../billing/finalize-invoice.ts'
import { paymentMethodOf } from '../billing/payment-method-of.ts'
import { invoiceLineObject } from '../objects/invoice-line-object.ts'
import { invoiceObject } from '../objects/invoice-object.ts'
import { invoicePaymentObject } from '../objects/invoice-payment-object.ts'
import type { Invoice } from '../records/invoice.ts'
import { declined, invalidRequest, noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { createdParameter, flag, isCreatedIn, text } from './parameters.ts'

const what = 'invoice'

/** @throws {StripeFault} where there is none. */
export const requireInvoice = ({ records }: Pick<World, 'records'>, id: string, param = 'invoice'): Invoice => {
  const invoice = records.invoices.get(id)
  if (invoice === undefined) throw noSuch(what, id, param)
  return invoice
}

/** Collects an open invoice because somebody asks for it. A decline leaves the retries as they were. */
const payInvoice = (world: World, id: string, { payment_method }: { payment_method?: string | undefined }): object => {
  const found = requireInvoice(world, id)
  const invoice = found.status === 'draft' ? finalizeInvoice(world, found) : found
  if (invoice.status === 'paid' && found.status !== 'draft') throw invalidRequest('Invoice is already paid')
  if (invoice.status === 'void' || invoice.status === 'uncollectible') {
    throw invalidRequest(`This invoice can no longer be paid: it is ${invoice.status}.`)
  }
  if (invoice.status === 'open') {
    const method =
      payment_method === undefined
        ? paymentMethodOf(world, world.records.subscriptions.change(invoice.subscription, {}))
        : world.records.paymentMethods.get(payment_method)
    const attempt = chargeInvoice(world, invoice, method)
    if (!attempt.paid) throw declined(attempt.decline, { ...attempt, keepsChanges: true })
  }
  return invoiceObject(world, requireInvoice(world, id))
}

const subscriptionsCustomer = ({ records }: World, subscription: string | undefined): string | undefined =>
  subscription === undefined ? undefined : (records.subscriptions.get(subscription)?.customer ?? '')

const change = (world: World, id: string, { auto_advance }: { auto_advance?: boolean | undefined }): object =>
  invoiceObject(world, world.records.invoices.change(requireInvoice(world, id).id, { autoAdvance: auto_advance }))

const setAside = (world: World, id: string): object => {
  if (requireInvoice(world, id).status !== 'open') throw invalidRequest('Only open invoices can be marked.')
  const marked = world.records.invoices.change(id, {
    status: 'uncollectible',
    autoAdvance: false,
    nextAttemptAt: null,
    uncollectibleAt: world.now,
  })
  world.emit('invoice.marked_uncollectible', invoiceObject(world, marked))
  changeSubscription(world, marked.subscription, {})
  return invoiceObject(world, marked)
}

const makeVoid = (world: World, id: string): object => {
  const { status } = requireInvoice(world, id)
  if (status !== 'open' && status !== 'uncollectible') throw invalidRequest('Only open invoices can be voided.')
  return invoiceObject(world, voidInvoice(world, requireInvoice(world, id)))
}

export const invoiceEndpoints = [
  endpoint(
    'GET',
    '/v1/invoices',
    {
      ...pageParameters,
      customer: z.string().optional(),
      subscription: z.string().optional(),
      status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
      created: createdParameter.optional(),
    },
    (world, _id, { customer, subscription, status, created, ...page }) =>
      pageOf(
        world.records.invoices.list(customer ?? subscriptionsCustomer(world, subscription)),
        (invoice) =>
          (subscription === undefined || invoice.subscription === subscription) &&
          (status === undefined || invoice.status === status) &&
          isCreatedIn(invoice.created, created),
        page,
        { what, url: '/v1/invoices', show: (invoice) => invoiceObject(world, invoice) },
      ),
  ),
  endpoint('GET', '/v1/invoices/:id', {}, (world, id) => invoiceObject(world, requireInvoice(world, id))),
  endpoint('POST', '/v1/invoices/:id', { auto_advance: flag.optional() }, change),
  endpoint('GET', '/v1/invoices/:id/lines', pageParameters, (world, id, page) => {
    const invoice = requireInvoice(world, id)
    const show = (line: Invoice['lines'][number]) => invoiceLineObject(world, invoice, line)
    return pageOf(invoice.lines, () => true, page, { what: 'line_item', url: `/v1/invoices/${id}/lines`, show })
  }),
  endpoint('POST', '/v1/invoices/:id/pay', { payment_method: text.optional() }, payInvoice),
  endpoint('POST', '/v1/invoices/:id/finalize', {}, (world, id) => {
    const invoice = requireInvoice(world, id)
    if (invoice.status !== 'draft') throw invalidRequest('This invoice is already finalized.')
    return invoiceObject(world, finalizeInvoice(world, invoice))
  }),
  endpoint('POST', '/v1/invoices/:id/void', {}, makeVoid),
  endpoint('POST', '/v1/invoices/:id/mark_uncollectible', {}, setAside),
  endpoint(
    'GET',
    '/v1/invoice_payments',
    {
      ...pageParameters,
      invoice: z.string().optional(),
      status: z.enum(['canceled', 'open', 'paid']).optional(),
      payment: z.strictObject({ type: z.literal('payment_intent'), payment_intent: z.string().optional() }).optional(),
    },
    ({ records }, _id, { invoice, status, payment, ...page }) =>
      pageOf(
        records.invoicePayments.list(
          invoice === undefined ? undefined : (records.invoices.get(invoice)?.customer ?? ''),
        ),
        (each) =>
          (invoice === undefined || each.invoice === invoice) &&
          (status === undefined || each.status === status) &&
          (payment?.payment_intent === undefined || each.paymentIntent === payment.payment_intent),
        page,
        { what: 'invoice_payment', url: '/v1/invoice_payments', show: invoicePaymentObject },
      ),
  ),
]
