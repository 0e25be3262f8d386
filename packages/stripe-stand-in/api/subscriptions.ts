import * as z from 'zod'
import { changeSubscription } from '../announce.ts'
import { changePrice } from '../billing/change-price.ts'
import { endSubscription, expireSubscription } from '../billing/end-subscription.ts'
import { endBy, endWithPeriod, goOn } from '../billing/set-end.ts'
import { subscriptionObject } from '../objects/subscription-object.ts'
import type { Subscription } from '../records/subscription.ts'
import { invalidRequest, noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import {
  clearable,
  count,
  createdParameter,
  flag,
  isCreatedIn,
  mergeMetadata,
  metadataParameter,
  moment,
  text,
} from './parameters.ts'
import { requirePrice } from './prices.ts'

const what = 'subscription'

/** @throws {StripeFault} where there is none. */
export const requireSubscription = ({ records }: Pick<World, 'records'>, id: string): Subscription => {
  const subscription = records.subscriptions.get(id)
  if (subscription === undefined) throw noSuch(what, id)
  return subscription
}

const isOver = ({ status }: Subscription): boolean => status === 'canceled' || status === 'incomplete_expired'

const cancellationDetails = z.strictObject({ comment: clearable.optional(), feedback: clearable.optional() }).optional()

const updateParameters = {
  items: z
    .array(z.strictObject({ id: text.optional(), price: text.optional(), quantity: count.optional() }))
    .length(1, 'the stand-in knows subscriptions of one item')
    .optional(),
  proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
  payment_behavior: z.enum(['allow_incomplete', 'error_if_incomplete']).optional(),
  cancel_at_period_end: flag.optional(),
  cancel_at: z.union([z.literal(''), moment]).optional(),
  cancellation_details: cancellationDetails,
  default_payment_method: clearable.optional(),
  description: clearable.optional(),
  metadata: metadataParameter.optional(),
  pause_collection: z
    .union([
      z.literal(''),
      z.strictObject({
        behavior: z.enum(['keep_as_draft', 'mark_uncollectible', 'void']),
        resumes_at: moment.optional(),
      }),
    ])
    .optional(),
}
type UpdateParameters = z.output<z.ZodObject<typeof updateParameters>>

const setItem = (world: World, subscription: Subscription, given: UpdateParameters): void => {
  const [wanted] = given.items ?? []
  if (wanted === undefined) return
  const { item } = subscription
  if (wanted.id !== item.id) {
    if (wanted.id !== undefined) throw noSuch('subscription_item', wanted.id, 'items[0][id]')
    throw invalidRequest('The stand-in knows subscriptions of one item: name it by its id.', { param: 'items[0][id]' })
  }
  const price = requirePrice(world, wanted.price ?? item.price, 'items[0][price]')
  if (!price.active && price.id !== item.price) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', {
      param: 'items[0][price]',
    })
  }
  changePrice(world, subscription, {
    price,
    quantity: wanted.quantity ?? item.quantity,
    proration: given.proration_behavior ?? 'create_prorations',
    failsTogether: given.payment_behavior === 'error_if_incomplete',
  })
}

const setEnd = (world: World, id: string, { cancel_at_period_end, cancel_at }: UpdateParameters): void => {
  const subscription = requireSubscription(world, id)
  if (typeof cancel_at === 'number') {
    if (cancel_at <= world.now) throw invalidRequest('`cancel_at` must be in the future.', { param: 'cancel_at' })
    endBy(world, subscription, cancel_at)
  }
  const { cancelsAtPeriodEnd, cancelAt } = subscription
  if (cancel_at_period_end === true && !cancelsAtPeriodEnd) endWithPeriod(world, subscription)
  if (cancel_at_period_end === false && cancelsAtPeriodEnd) goOn(world, subscription)
  if (cancel_at === '' && cancelAt !== null) goOn(world, subscription)
}

const setRest = (world: World, id: string, given: UpdateParameters): void => {
  const { metadata, cancellation } = requireSubscription(world, id)
  const { pause_collection: pause } = given
  changeSubscription(world, id, {
    metadata: mergeMetadata(metadata, given.metadata),
    description: given.description,
    defaultPaymentMethod: given.default_payment_method,
    cancellation: {
      ...cancellation,
      comment: given.cancellation_details?.comment ?? cancellation.comment,
      feedback: given.cancellation_details?.feedback ?? cancellation.feedback,
    },
    ...(pause === undefined
      ? {}
      : { pauseCollection: pause === '' ? null : { behavior: pause.behavior, resumesAt: pause.resumes_at ?? null } }),
  })
}

const update = (world: World, id: string, given: UpdateParameters): object => {
  const subscription = requireSubscription(world, id)
  const { metadata: _metadata, cancellation_details: _details, ...rest } = given
  if (isOver(subscription) && Object.keys(rest).length > 0) {
    throw invalidRequest('A canceled subscription can only update its cancellation_details and metadata.')
  }
  if (subscription.status === 'incomplete' && given.items !== undefined) {
    throw invalidRequest('This subscription cannot be updated in its current state: `incomplete`.')
  }
  setItem(world, subscription, given)
  setEnd(world, id, given)
  setRest(world, id, given)
  return subscriptionObject(world, requireSubscription(world, id))
}

const cancelParameters = {
  invoice_now: z.literal('false', 'the stand-in makes no last invoice').optional(),
  prorate: z.literal('false', 'the stand-in credits nothing at the end').optional(),
  cancellation_details: cancellationDetails,
}

const cancel = (world: World, id: string, given: z.output<z.ZodObject<typeof cancelParameters>>): object => {
  const subscription = requireSubscription(world, id)
  if (isOver(subscription)) throw noSuch(what, id)
  if (subscription.status === 'incomplete') return subscriptionObject(world, expireSubscription(world, subscription))
  const { comment = null, feedback = null } = given.cancellation_details ?? {}
  const ended = endSubscription(world, subscription, { reason: 'cancellation_requested', comment, feedback })
  return subscriptionObject(world, ended)
}

const listParameters = {
  ...pageParameters,
  customer: z.string().optional(),
  price: z.string().optional(),
  status: z
    .enum([
      'active',
      'all',
      'canceled',
      'ended',
      'incomplete',
      'incomplete_expired',
      'past_due',
      'paused',
      'trialing',
      'unpaid',
    ])
    .optional(),
  created: createdParameter.optional(),
}

const hasStatus = (subscription: Subscription, wanted: z.output<typeof listParameters.status>): boolean => {
  if (wanted === 'all') return true
  if (wanted === 'ended') return isOver(subscription)
  return wanted === undefined ? subscription.status !== 'canceled' : subscription.status === wanted
}

export const subscriptionEndpoints = [
  endpoint('GET', '/v1/subscriptions', listParameters, (world, _id, { customer, price, status, created, ...page }) => {
    // A customer that was deleted still has what it had.
    if (customer !== undefined && world.records.customers.get(customer) === undefined) {
      throw noSuch('customer', customer, 'customer')
    }
    return pageOf(
      world.records.subscriptions.list(customer),
      (subscription) =>
        hasStatus(subscription, status) &&
        (price === undefined || subscription.item.price === price) &&
        isCreatedIn(subscription.created, created),
      page,
      { what, url: '/v1/subscriptions', show: (subscription) => subscriptionObject(world, subscription) },
    )
  }),
  endpoint('GET', '/v1/subscriptions/:id', {}, (world, id) =>
    subscriptionObject(world, requireSubscription(world, id)),
  ),
  endpoint('POST', '/v1/subscriptions/:id', updateParameters, update),
  endpoint('DELETE', '/v1/subscriptions/:id', cancelParameters, cancel),
]
