import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, listEndpoint } from '../api/endpoint.ts'
import { amount, collection, currency, record, seconds } from '../collection.ts'
import { invalidRequest } from '../fault.ts'
import { nulls } from '../objects.ts'
import type { World } from '../world.ts'
import { type Charge, charges } from './charges.ts'

const answerSeconds = 9 * 86_400

const disputeSchema = z.object({
  ...record,
  charge: z.string(),
  paymentIntent: z.string(),
  amount,
  currency,
  status: z.enum(['needs_response', 'won', 'lost']),
  dueBy: seconds,
})
type Dispute = z.infer<typeof disputeSchema>

const disputes = collection('dispute', disputeSchema)

export const requireDispute = finder(disputes.get, 'dispute')

export const disputeObject = (dispute: Dispute): Stripe.Dispute => ({
  id: dispute.id,
  object: 'dispute',
  amount: dispute.amount,
  balance_transactions: [],
  charge: dispute.charge,
  created: dispute.created,
  currency: dispute.currency,
  enhanced_eligibility_types: [],
  evidence: {
    enhanced_evidence: {},
    ...nulls('access_activity_log billing_address cancellation_policy cancellation_policy_disclosure'),
    ...nulls('cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip'),
    ...nulls('customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id'),
    ...nulls('product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation'),
    ...nulls('service_date service_documentation shipping_address shipping_carrier shipping_date'),
    ...nulls('shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text'),
  },
  evidence_details: {
    due_by: dispute.dueBy,
    enhanced_eligibility: {},
    has_evidence: false,
    past_due: false,
    submission_count: 0,
    submission_method: 'not_submitted',
  },
  intended_submission_method: null,
  is_charge_refundable: false,
  livemode: false,
  metadata: {},
  payment_intent: dispute.paymentIntent,
  reason: 'fraudulent',
  status: dispute.status,
})

/**
 * The bank takes a payment back for its customer, until the dispute is decided.
 * @param isLost at once, as with direct debits: https://docs.stripe.com/payments/sepa-debit#disputed-payments
 * @throws {StripeFault} if nothing was paid, or it is disputed already.
 */
export const openDispute = (world: World, { id }: Pick<Charge, 'id'>, isLost = false): Dispute => {
  const { decline, isDisputed, paymentIntent, amount: paid, currency: of } = charges.require(world, id)
  if (decline !== null) throw invalidRequest(`The charge ${id} did not succeed, and cannot be disputed.`)
  if (isDisputed) throw invalidRequest(`The charge ${id} is disputed already.`)
  charges.change(world, id, { isDisputed: true })
  const subject = { charge: id, paymentIntent, amount: paid, currency: of }
  const dueBy = world.now + answerSeconds
  const dispute = disputes.create(world, 'du_', { ...subject, dueBy, status: isLost ? 'lost' : 'needs_response' })
  world.emit('charge.dispute.created', disputeObject(dispute))
  if (isLost) world.emit('charge.dispute.closed', disputeObject(dispute))
  return dispute
}

/**
 * The bank decides. The charge stays marked as disputed, as at Stripe.
 * @throws {StripeFault} if it is decided already.
 */
export const closeDispute = (world: World, { id, status }: Dispute, outcome: 'won' | 'lost'): Dispute => {
  if (status !== 'needs_response') throw invalidRequest(`The dispute ${id} is closed already.`)
  const closed = disputes.change(world, id, { status: outcome })
  world.emit('charge.dispute.closed', disputeObject(closed))
  return closed
}

export const disputeEndpoints = [
  listEndpoint(
    '/v1/disputes',
    'dispute',
    { charge: z.string().optional() },
    {
      find: (world) => disputes.list(world),
      isWanted: ({ charge }, wanted) => (wanted.charge ?? charge) === charge,
      show: disputeObject,
    },
  ),
  endpoint('GET', '/v1/disputes/:id', {}, (world, id) => disputeObject(requireDispute(world, id))),
]
