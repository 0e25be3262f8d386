import { changeSubscription } from '../announce.ts'
import type { Subscription } from '../records/subscription.ts'
import type { World } from '../world.ts'

/** Lets a subscription end with its period. */
export const endWithPeriod = (world: World, { id, item, cancellation }: Subscription): Subscription =>
  changeSubscription(world, id, {
    cancelsAtPeriodEnd: true,
    cancelAt: item.periodEnd,
    canceledAt: world.now,
    cancellation: { ...cancellation, reason: 'cancellation_requested' },
  })

/** Lets a subscription end by a date, which in Stripe's flexible mode the portal does. */
export const endBy = (world: World, { id, cancellation }: Subscription, cancelAt: number): Subscription =>
  changeSubscription(world, id, {
    cancelsAtPeriodEnd: false,
    cancelAt,
    canceledAt: world.now,
    cancellation: { ...cancellation, reason: 'cancellation_requested' },
  })

/** Lets a subscription go on. */
export const goOn = (world: World, { id, cancellation }: Subscription): Subscription =>
  changeSubscription(world, id, {
    cancelsAtPeriodEnd: false,
    cancelAt: null,
    canceledAt: null,
    cancellation: { ...cancellation, reason: null },
  })
