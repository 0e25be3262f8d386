import * as z from 'zod'
import { chargeObject } from '../objects/charge-object.ts'
import { refundObject } from '../objects/refund-object.ts'
import type { Charge } from '../records/charge.ts'
import type { Refund } from '../records/refund.ts'
import { invalidRequest, noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { listOfPayments } from './list-of-payments.ts'
import { count, mergeMetadata, metadataParameter } from './parameters.ts'
import { requireCharge } from './payments.ts'

const what = 'refund'

/** @throws {StripeFault} where there is none. */
export const requireRefund = ({ records }: Pick<World, 'records'>, id: string): Refund => {
  const refund = records.refunds.get(id)
  if (refund === undefined) throw noSuch(what, id)
  return refund
}

const createParameters = {
  charge: z.string().optional(),
  payment_intent: z.string().optional(),
  amount: count.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadataParameter.optional(),
}
type CreateParameters = z.output<z.ZodObject<typeof createParameters>>

const chargeOf = (world: World, { charge, payment_intent }: CreateParameters): Charge => {
  if (charge !== undefined) return requireCharge(world, charge)
  if (payment_intent === undefined) {
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.')
  }
  const intent = world.records.intents.get(payment_intent)
  if (intent === undefined) throw noSuch('payment_intent', payment_intent, 'payment_intent')
  const paid = intent.status === 'succeeded' ? intent.latestCharge : null
  if (paid === null) {
    throw invalidRequest(`This PaymentIntent (${payment_intent}) does not have a successful charge to refund.`)
  }
  return requireCharge(world, paid)
}

const requireRefundable = (charge: Charge, amount: number): void => {
  const left = charge.amount - charge.amountRefunded
  if (charge.decline !== null) throw invalidRequest(`The charge ${charge.id} did not succeed.`, { param: 'charge' })
  if (charge.isDisputed) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    })
  }
  if (left === 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  }
  if (amount > left) {
    throw invalidRequest(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, {
      param: 'amount',
    })
  }
}

const create = (world: World, _id: string, given: CreateParameters): object => {
  const { records, newId, now, emit } = world
  const charge = chargeOf(world, given)
  const amount = given.amount ?? charge.amount - charge.amountRefunded
  requireRefundable(charge, amount)
  const refund = records.refunds.put({
    id: newId('re_'),
    created: now,
    customer: charge.customer,
    charge: charge.id,
    paymentIntent: charge.paymentIntent,
    amount,
    currency: charge.currency,
    reason: given.reason ?? null,
    metadata: mergeMetadata({}, given.metadata),
    status: 'succeeded',
  })
  const refunded = records.charges.change(charge.id, { amountRefunded: charge.amountRefunded + amount })
  emit('charge.refunded', chargeObject(refunded), { amount_refunded: charge.amountRefunded })
  emit('refund.created', refundObject(refund))
  return refundObject(refund)
}

export const refundEndpoints = [
  endpoint('POST', '/v1/refunds', createParameters, create),
  listOfPayments({ what, url: '/v1/refunds', itemsOf: (records) => records.refunds.list(), show: refundObject }),
  endpoint('GET', '/v1/refunds/:id', {}, (world, id) => refundObject(requireRefund(world, id))),
]
