import { disputeObject } from '../objects/dispute-object.ts'
import type { Dispute } from '../records/dispute.ts'
import { invalidRequest } from '../stripe-fault.ts'
import type { World } from '../world.ts'

/**
 * The bank decides. The charge stays marked as disputed, as it does at Stripe.
 * @throws {StripeFault} where it was decided before.
 */
export const closeDispute = ({ records, emit }: World, { id, status }: Dispute, outcome: 'won' | 'lost'): Dispute => {
  if (status === 'won' || status === 'lost') throw invalidRequest(`The dispute ${id} is closed already.`)
  const closed = records.disputes.change(id, { status: outcome })
  if (outcome === 'won') emit('charge.dispute.funds_reinstated', disputeObject(closed))
  emit('charge.dispute.closed', disputeObject(closed))
  return closed
}
