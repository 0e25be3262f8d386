import type { Subscription } from '../ports/payments.ts'
import type { KeptSite } from '../site/site.ts'

type Returns = KeptSite['returned']

/** Whether everything was done that can be for what is paid on a subscription that nobody has anything of. */
export const isSettled = (returned: Returns, { id, paidThrough }: Pick<Subscription, 'id' | 'paidThrough'>): boolean =>
  paidThrough !== undefined &&
  (returned ?? []).some(
    ({ subscriptionId, settledThrough }) =>
      subscriptionId === id && settledThrough !== undefined && settledThrough >= paidThrough,
  )

/** Whether somebody has begun to give something of it back, and may have died before that was noted. */
export const isPending = (returned: Returns, { id }: Pick<Subscription, 'id'>): boolean =>
  (returned ?? []).some((one) => one.subscriptionId === id && one.isPending === true)

/** Whether something was charged for nothing and is still with us, as far as Stripe says: a person gives it back. */
export const hasUnreturned = (returned: Returns, subscriptions: readonly Subscription[]): boolean =>
  (returned ?? []).some(
    (one) =>
      one.left !== undefined &&
      subscriptions.some((subscription) => subscription.id === one.subscriptionId && isSettled([one], subscription)),
  )
