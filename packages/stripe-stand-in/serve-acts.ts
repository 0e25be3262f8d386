import * as z from 'zod'
import { requireSession } from './api/checkout-sessions.ts'
import { requireCustomer } from './api/customers.ts'
import { requireDispute } from './api/disputes.ts'
import { requireCharge } from './api/payments.ts'
import { requireRefund } from './api/refunds.ts'
import type { Asked, Result } from './asked.ts'
import { changeCard } from './billing/change-card.ts'
import { closeDispute } from './billing/close-dispute.ts'
import { failRefund } from './billing/fail-refund.ts'
import { openDispute } from './billing/open-dispute.ts'
import { paySession } from './billing/pay-session.ts'
import { dunningSchema } from './dunning.ts'
import { fingerprintOf } from './fingerprint.ts'
import { latestCharge } from './latest-charge.ts'
import { checkoutSessionObject } from './objects/checkout-session-object.ts'
import { disputeObject } from './objects/dispute-object.ts'
import { paymentMethodObject } from './objects/payment-method-object.ts'
import { refundObject } from './objects/refund-object.ts'
import type { StandIn } from './stand-in.ts'
import { invalidRequest, StripeFault } from './stripe-fault.ts'
import { testCard } from './test-cards.ts'

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    throw invalidRequest('The body is not valid JSON.')
  }
}

/** @throws {StripeFault} */
const read = <Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> => {
  const result = schema.safeParse(parse(body))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalidRequest(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}`)
}

const cardSchema = z.strictObject({ card: z.string().max(40) })
const disputeSchema = z.union([
  z.strictObject({ charge: z.string(), reason: z.string().default('fraudulent') }),
  z.strictObject({ subscription: z.string(), reason: z.string().default('fraudulent') }),
])
const failureSchema = z.strictObject({ outcome: z.literal('failed') })
const outcomeSchema = z.strictObject({ outcome: z.enum(['won', 'lost']) })

type Act = (standIn: StandIn, id: string, body: string) => object

const pay: Act = (standIn, id, body) => {
  const { card } = read(cardSchema, body)
  return standIn.step((world) =>
    checkoutSessionObject(world, paySession(world, requireSession(world, id), testCard(card), fingerprintOf(card))),
  )
}

const giveCard: Act = (standIn, id, body) => {
  const { card } = read(cardSchema, body)
  return standIn.step((world) =>
    paymentMethodObject(changeCard(world, requireCustomer(world, id), testCard(card), fingerprintOf(card))),
  )
}

const dispute: Act = (standIn, _id, body) => {
  const wanted = read(disputeSchema, body)
  return standIn.step((world) => {
    const charge = 'charge' in wanted ? requireCharge(world, wanted.charge) : latestCharge(world, wanted.subscription)
    return disputeObject(openDispute(world, charge, wanted.reason))
  })
}

const failed: Act = (standIn, id, body) => {
  read(failureSchema, body)
  return standIn.step((world) => refundObject(failRefund(world, requireRefund(world, id))))
}

const decide: Act = (standIn, id, body) => {
  const { outcome } = read(outcomeSchema, body)
  return standIn.step((world) => disputeObject(closeDispute(world, requireDispute(world, id), outcome)))
}

/** What people do, and Stripe's dashboard, for whoever has no browser. */
const acts: readonly { readonly method: string; readonly pattern: RegExp; readonly act: Act }[] = [
  { method: 'POST', pattern: /^\/checkout\/(?<id>[^/]+)\/pay$/, act: pay },
  { method: 'POST', pattern: /^\/customers\/(?<id>[^/]+)\/card$/, act: giveCard },
  { method: 'POST', pattern: /^\/disputes$/, act: dispute },
  { method: 'POST', pattern: /^\/disputes\/(?<id>[^/]+)$/, act: decide },
  { method: 'POST', pattern: /^\/refunds\/(?<id>[^/]+)$/, act: failed },
  { method: 'GET', pattern: /^\/dunning$/, act: (standIn) => standIn.dunning() },
  {
    method: 'PUT',
    pattern: /^\/dunning$/,
    act: (standIn, _id, body) => standIn.setDunning(read(dunningSchema, body)),
  },
]

/** @throws {StripeFault} */
export const serveActs = (standIn: StandIn, { method, path, body }: Asked): Result => {
  const found = acts.find((each) => each.method === method && each.pattern.test(path))
  if (found === undefined) {
    const message = `There is nothing to ${method} at ${path} of the stand-in for Stripe.`
    throw new StripeFault(404, { type: 'invalid_request_error', message })
  }
  const id = found.pattern.exec(path)?.groups?.['id'] ?? ''
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(found.act(standIn, id, body)),
  }
}
