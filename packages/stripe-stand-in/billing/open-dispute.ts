import { chargeObject } from '../objects/charge-object.ts'
import { disputeObject } from '../objects/dispute-object.ts'
import type { Charge } from '../records/charge.ts'
import type { Dispute } from '../records/dispute.ts'
import { invalidRequest } from '../stripe-fault.ts'
import type { World } from '../world.ts'

const answerSeconds = 9 * 86_400

/**
 * The bank takes a payment back on behalf of its customer, until it is decided.
 * @throws {StripeFault} where nothing was paid, or it is disputed already.
 */
export const openDispute = (world: World, { id }: Pick<Charge, 'id'>, reason: string): Dispute => {
  const { records, newId, now, emit } = world
  const found = records.charges.change(id, {})
  if (found.decline !== null) throw invalidRequest(`The charge ${id} did not succeed, and cannot be disputed.`)
  if (found.isDisputed) throw invalidRequest(`The charge ${id} is disputed already.`)
  const charge = records.charges.change(id, { isDisputed: true })
  const dispute = records.disputes.put({
    id: newId('du_'),
    created: now,
    customer: charge.customer,
    charge: charge.id,
    paymentIntent: charge.paymentIntent,
    amount: charge.amount,
    currency: charge.currency,
    reason,
    status: 'needs_response',
    dueBy: now + answerSeconds,
    metadata: {},
  })
  emit('charge.dispute.created', disputeObject(dispute))
  emit('charge.dispute.funds_withdrawn', disputeObject(dispute))
  emit('charge.updated', chargeObject(charge))
  return dispute
}
