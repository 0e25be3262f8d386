import * as z from 'zod'
import { outageSchema } from './api/outages.ts'
import { paySession, subscribe } from './billing/checkout.ts'
import { changeCard, payInvoice } from './billing/collecting.ts'
import { invalidRequest, StripeFault } from './fault.ts'
import { paymentMethodObject, testCard } from './resources/cards.ts'
import { type Charge, charges, intents, requireCharge } from './resources/charges.ts'
import { checkoutSessionObject, requireSession } from './resources/checkout-sessions.ts'
import { requireCustomer } from './resources/customers.ts'
import { closeDispute, disputeObject, openDispute, requireDispute } from './resources/disputes.ts'
import { invoicePayments } from './resources/invoice-payments.ts'
import { invoiceObject, invoices, requireInvoice } from './resources/invoices.ts'
import { failRefund, refundObject, requireRefund } from './resources/refunds.ts'
import { changeSubscription, requireSubscription, subscriptionObject } from './resources/subscriptions.ts'
import type { Asked, Result, StandIn } from './stand-in.ts'
import type { World } from './world.ts'

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    throw invalidRequest('The body is not valid JSON.')
  }
}

/** @throws {StripeFault} if nothing was paid for the subscription. */
const latestCharge = (world: World, subscription: string): Charge => {
  const { customer } = requireSubscription(world, subscription)
  for (const { status, invoice, paymentIntent } of invoicePayments.list(world, customer)) {
    if (status !== 'paid' || invoices.get(world, invoice)?.subscription !== subscription) continue
    const charge = charges.get(world, intents.get(world, paymentIntent)?.latestCharge ?? '')
    if (charge !== undefined) return charge
  }
  throw invalidRequest(`Nothing was paid for ${subscription} yet.`)
}

interface Act {
  readonly pattern: RegExp
  readonly work: (world: World, id: string, body: string) => object
}

/** @throws {StripeFault} if the body does not match the schema. */
const readGiven = <Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> => {
  const read = schema.safeParse(parse(body))
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw invalidRequest(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}`)
}

const act = <Schema extends z.ZodType>(
  pattern: RegExp,
  schema: Schema,
  work: (world: World, id: string, given: z.output<Schema>) => object,
): Act => ({ pattern, work: (world, id, body) => work(world, id, readGiven(schema, body)) })

const cardSchema = z.strictObject({ card: z.string().max(40) })
const paymentSchema = cardSchema.extend({ isSubscribed: z.boolean().default(true) })
const outcome = { outcome: z.literal('lost').optional() }
const disputeSchema = z.union([
  z.strictObject({ charge: z.string(), ...outcome }),
  z.strictObject({ subscription: z.string(), ...outcome }),
])

/** Acts of customers and banks, each as one `POST`. */
const acts: readonly Act[] = [
  act(/^\/checkout\/(?<id>[^/]+)\/pay$/, paymentSchema, (world, id, { card, isSubscribed }) =>
    checkoutSessionObject(world, paySession(world, requireSession(world, id), testCard(card), isSubscribed)),
  ),
  act(/^\/checkout\/(?<id>[^/]+)\/subscribe$/, z.strictObject({}), (world, id) =>
    checkoutSessionObject(world, subscribe(world, requireSession(world, id))),
  ),
  act(/^\/customers\/(?<id>[^/]+)\/card$/, cardSchema, (world, id, { card }) =>
    paymentMethodObject(changeCard(world, requireCustomer(world, id), testCard(card))),
  ),
  act(/^\/invoices\/(?<id>[^/]+)\/pay$/, cardSchema.partial(), (world, id, { card }) => {
    payInvoice(world, requireInvoice(world, id), card === undefined ? undefined : testCard(card))
    return invoiceObject(world, requireInvoice(world, id))
  }),
  act(/^\/subscriptions\/(?<id>[^/]+)\/discount$/, z.strictObject({}), (world, id) => {
    requireSubscription(world, id)
    return subscriptionObject(world, changeSubscription(world, id, { discount: world.newId('di_') }))
  }),
  act(/^\/disputes$/, disputeSchema, (world, _id, of) => {
    const charge = 'charge' in of ? requireCharge(world, of.charge) : latestCharge(world, of.subscription)
    return disputeObject(openDispute(world, charge, of.outcome === 'lost'))
  }),
  act(/^\/disputes\/(?<id>[^/]+)$/, z.strictObject({ outcome: z.enum(['won', 'lost']) }), (world, id, { outcome }) =>
    disputeObject(closeDispute(world, requireDispute(world, id), outcome)),
  ),
  act(/^\/refunds\/(?<id>[^/]+)$/, z.strictObject({ outcome: z.literal('failed') }), (world, id) =>
    refundObject(failRefund(world, requireRefund(world, id))),
  ),
]

const done = (answer: object): Result => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(answer),
})

/** @throws {StripeFault} if there is no such act, or it is refused. */
export const serveActs = (standIn: StandIn, { method, path, body }: Asked): Result => {
  if (path === '/outages' && ['DELETE', 'POST'].includes(method)) {
    const outage = method === 'POST' ? readGiven(outageSchema, body) : undefined
    standIn.fail(outage)
    return done(outage ?? {})
  }
  const found = method === 'POST' ? acts.find(({ pattern }) => pattern.test(path)) : undefined
  if (found === undefined) {
    const message = `There is nothing to ${method} at ${path} of the stand-in for Stripe.`
    throw new StripeFault(404, { type: 'invalid_request_error', message })
  }
  const id = found.pattern.exec(path)?.groups?.['id'] ?? ''
  return done(standIn.step((world) => found.work(world, id, body)))
}
