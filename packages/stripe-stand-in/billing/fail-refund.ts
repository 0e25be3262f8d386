import { chargeObject } from '../objects/charge-object.ts'
import { refundObject } from '../objects/refund-object.ts'
import type { Refund } from '../records/refund.ts'
import { invalidRequest } from '../stripe-fault.ts'
import type { World } from '../world.ts'

/**
 * The bank could not pass a refund on, as where the account behind the card is closed: the money is back, and the charge is as if
 * nobody had refunded it.
 * @throws {StripeFault} where it has failed before.
 */
export const failRefund = ({ records, emit }: World, { id, charge, amount, status }: Refund): Refund => {
  if (status === 'failed') throw invalidRequest(`The refund ${id} has failed already.`)
  const failed = records.refunds.change(id, { status: 'failed' })
  const { amountRefunded } = records.charges.change(charge, {})
  const changed = records.charges.change(charge, { amountRefunded: amountRefunded - amount })
  emit('charge.updated', chargeObject(changed), { amount_refunded: amountRefunded })
  emit('refund.updated', refundObject(failed), { status })
  emit('refund.failed', refundObject(failed))
  return failed
}
