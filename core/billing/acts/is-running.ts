import type { Subscription } from '../../ports/payments.ts'
import { billingStateOf } from '../billing-state.ts'

/**
 * Whether a second subscription beside this one would have an owner pay twice. One whose first payment is under way counts
 * too; `unpaid` collects nothing any more, so whoever has it may buy anew.
 */
export const isRunning = ({ status }: Pick<Subscription, 'status'>): boolean => {
  const state = billingStateOf(status)
  return status === 'incomplete' || (state !== undefined && state !== 'ended')
}
