import type { SubscriptionStatus } from '../ports/payments.ts'
import type { BillingState } from './site-billing.ts'

/**
 * What each status of Stripe's comes down to. One whose first payment has not come in is no subscription yet, or never was
 * one. `unpaid` leaves its invoices open and collects nothing, which is an end as much as `canceled` is.
 */
const states = {
  incomplete: undefined,
  incomplete_expired: undefined,
  trialing: 'active',
  active: 'active',
  past_due: 'past-due',
  paused: 'paused',
  unpaid: 'ended',
  canceled: 'ended',
} as const satisfies Readonly<Record<SubscriptionStatus, BillingState | undefined>>

/** Undefined where it is no subscription: nothing was ever paid on it. */
export const billingStateOf = (status: SubscriptionStatus): BillingState | undefined => states[status]

/** Whether Stripe still has it, and could collect on it: what is not wanted of these has to be cancelled. */
export const isCancellable = (status: SubscriptionStatus): boolean =>
  status !== 'canceled' && billingStateOf(status) !== undefined
