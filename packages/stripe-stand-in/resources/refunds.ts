import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, listEndpoint, mergeMetadata, metadataParameter } from '../api/endpoint.ts'
import { amount, collection, currency, metadata, record } from '../collection.ts'
import { invalidRequest, noSuch } from '../fault.ts'
import { nulls } from '../objects.ts'
import type { World } from '../world.ts'
import { type Charge, chargeObject, charges, intents, requireCharge } from './charges.ts'

const refundSchema = z.object({
  ...record,
  customer: z.string(),
  charge: z.string(),
  paymentIntent: z.string(),
  amount,
  currency,
  metadata,
  status: z.enum(['succeeded', 'failed']).default('succeeded'),
})
type Refund = z.infer<typeof refundSchema>

export const refunds = collection('refund', refundSchema)

export const requireRefund = finder(refunds.get, 'refund')

export const refundObject = (refund: Refund): Stripe.Refund => ({
  id: refund.id,
  object: 'refund',
  amount: refund.amount,
  charge: refund.charge,
  created: refund.created,
  currency: refund.currency,
  customer: refund.customer,
  destination_details: {
    card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
    type: 'card',
  },
  metadata: refund.metadata,
  payment_intent: refund.paymentIntent,
  status: refund.status,
  ...nulls('balance_transaction customer_account payment_method reason receipt_number source_transfer_reversal'),
  ...nulls('transfer_reversal'),
})

const createParameters = {
  charge: z.string().optional(),
  payment_intent: z.string().optional(),
  metadata: metadataParameter.optional(),
}
type CreateParameters = z.output<z.ZodObject<typeof createParameters>>

const chargeOf = (world: World, { charge, payment_intent }: CreateParameters): Charge => {
  if (charge !== undefined) return requireCharge(world, charge, 'charge')
  if (payment_intent === undefined) {
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.')
  }
  const intent = intents.get(world, payment_intent)
  if (intent === undefined) throw noSuch('payment_intent', payment_intent, 'payment_intent')
  if (intent.status === 'succeeded' && intent.latestCharge !== null) return charges.require(world, intent.latestCharge)
  throw invalidRequest(`This PaymentIntent (${payment_intent}) does not have a successful charge to refund.`)
}

const requireRefundable = ({ id, decline, isDisputed, amount: paid, amountRefunded }: Charge): void => {
  if (decline !== null) throw invalidRequest(`The charge ${id} did not succeed.`, { param: 'charge' })
  if (isDisputed) {
    throw invalidRequest(`Charge ${id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' })
  }
  if (amountRefunded === paid) {
    throw invalidRequest(`Charge ${id} has already been refunded.`, { code: 'charge_already_refunded' })
  }
}

const create = (world: World, _id: string, given: CreateParameters): object => {
  const charge = chargeOf(world, given)
  requireRefundable(charge)
  const { id, customer, paymentIntent, amount: paid, currency: of } = charge
  const subject = { customer, charge: id, paymentIntent, amount: paid - charge.amountRefunded, currency: of }
  const refund = refunds.create(world, 're_', { ...subject, metadata: mergeMetadata({}, given.metadata) })
  const refunded = charges.change(world, id, { amountRefunded: paid })
  world.emit('charge.refunded', chargeObject(refunded), { amount_refunded: charge.amountRefunded })
  return refundObject(refund)
}

/**
 * The bank cannot pass a refund on, for example because the account behind the card is closed. The charge is as it was before.
 * @throws {StripeFault} if it has failed already.
 */
export const failRefund = (world: World, { id, charge, amount: failing, status }: Refund): Refund => {
  if (status === 'failed') throw invalidRequest(`The refund ${id} has failed already.`)
  const failed = refunds.change(world, id, { status: 'failed' })
  const { amountRefunded } = charges.require(world, charge)
  charges.change(world, charge, { amountRefunded: amountRefunded - failing })
  world.emit('refund.failed', refundObject(failed))
  return failed
}

export const refundEndpoints = [
  endpoint('POST', '/v1/refunds', createParameters, create),
  listEndpoint('/v1/refunds', 'refund', {}, { find: (world) => refunds.list(world), show: refundObject }),
]
