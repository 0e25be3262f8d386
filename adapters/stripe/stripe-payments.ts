import { setTimeout as wait } from 'node:timers/promises'
import type { Stripe } from 'stripe'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Payments } from '../../core/ports/payments.ts'
import { createCheckouts, type TaxPolicy } from './checkouts.ts'
import { createCustomers, createDisputes, createPortal } from './customers.ts'
import { createPrices } from './prices.ts'
import { createRefunds } from './refunds.ts'
import { askingStripe, waitingForTurn } from './stripe-errors.ts'
import { createSubscriptionChanges } from './subscription-changes.ts'
import { createSubscriptions } from './subscriptions.ts'

export interface StripePaymentsOptions {
  /** Of `createStripeClient`. */
  readonly stripe: Stripe
  /** In the metadata of all that we make; what carries another one is not ours. */
  readonly installation: string
  /** A price that differs from it is not sold. */
  readonly catalogue: Pick<PlanCatalogue, 'plans'>
  readonly log: Log
  readonly tax?: TaxPolicy
  /** Waits before a request is repeated. */
  readonly pause?: (milliseconds: number) => Promise<unknown>
}

/** Payments by Stripe, or by another server that speaks its API. */
export const createStripePayments = ({
  tax = 'none',
  pause = (milliseconds) => wait(milliseconds),
  ...options
}: StripePaymentsOptions): Payments => {
  const patiently = waitingForTurn(pause)
  const world = { ...options, patiently, asking: askingStripe(options.log) }
  return {
    ...createCustomers(world),
    ...createCheckouts(world, tax),
    ...createPortal(world),
    ...createPrices(world),
    ...createSubscriptions(world),
    ...createSubscriptionChanges(world),
    ...createRefunds(world),
    ...createDisputes(world),
    patiently,
  }
}
