import * as z from 'zod'
import { endSubscription } from '../billing/collecting.ts'
import { expireSubscription, startTrial } from '../billing/invoicing.ts'
import { changePrice, type PriceMove, previewMove } from '../billing/subscription-life.ts'
import { invalidRequest, noSuch } from '../fault.ts'
import { customerObject, customers, requireCustomer } from '../resources/customers.ts'
import { invoiceObject } from '../resources/invoices.ts'
import { requireActivePrice } from '../resources/prices.ts'
import {
  changeSubscription,
  endByDate,
  endWithPeriod,
  goOn,
  isOver,
  requireSubscription,
  type Subscription,
  subscriptionObject,
  subscriptions,
} from '../resources/subscriptions.ts'
import type { World } from '../world.ts'
import { endpoint, flag, listEndpoint, mergeMetadata, metadataParameter, text, whole } from './endpoint.ts'

const items = z.tuple([z.strictObject({ id: text, price: text })], 'the stand-in knows subscriptions of one item')
const prorationBehavior = z.literal('always_invoice', 'the stand-in charges a difference at once')
const pauses = ['keep_as_draft', 'mark_uncollectible', 'void'] as const

const updateParameters = {
  items: items.optional(),
  proration_behavior: prorationBehavior.optional(),
  proration_date: whole.optional(),
  payment_behavior: z
    .enum(['error_if_incomplete', 'pending_if_incomplete'], 'the stand-in changes nothing after a decline')
    .optional(),
  cancel_at_period_end: flag.optional(),
  cancel_at: z.union([z.literal(''), whole]).optional(),
  pause_collection: z
    .union([z.literal(''), z.strictObject({ behavior: z.enum(pauses), resumes_at: whole.optional() })])
    .optional(),
  trial_end: whole.optional(),
  collection_method: z.enum(['charge_automatically', 'send_invoice']).optional(),
  days_until_due: whole.optional(),
  metadata: metadataParameter.optional(),
}
type UpdateParameters = z.output<z.ZodObject<typeof updateParameters>>

interface WantedMove {
  readonly items: z.output<typeof items>
  readonly proration_date?: number | undefined
}

/** @param within the parameter that holds the others. */
const readMove = (
  world: World,
  { status, item }: Subscription,
  { items: [wanted], proration_date: at = world.now }: WantedMove,
  within = '',
): PriceMove => {
  if (status === 'incomplete') {
    throw invalidRequest('This subscription cannot be updated in its current state: `incomplete`.')
  }
  const param = within === '' ? 'items[0]' : `${within}[items][0]`
  if (wanted.id !== item.id) throw noSuch('subscription_item', wanted.id, `${param}[id]`)
  return { price: requireActivePrice(world, wanted.price, `${param}[price]`), at }
}

const setItem = (world: World, subscription: Subscription, given: UpdateParameters): void => {
  if (given.items === undefined) return
  const move = readMove(world, subscription, { ...given, items: given.items })
  if (given.proration_behavior === undefined || given.payment_behavior === undefined) {
    throw invalidRequest('The stand-in needs `proration_behavior` and `payment_behavior` to change a price.')
  }
  const { payment_behavior, cancel_at_period_end, cancel_at, metadata } = given
  const others = [cancel_at_period_end, cancel_at, metadata].some((one) => one !== undefined)
  if (payment_behavior === 'pending_if_incomplete' && others) {
    throw invalidRequest('The stand-in changes nothing but the price with `payment_behavior=pending_if_incomplete`.')
  }
  changePrice(world, subscription, move, payment_behavior)
}

const previewParameters = {
  subscription: text,
  subscription_details: z.strictObject({
    items,
    proration_behavior: prorationBehavior,
    proration_date: whole.optional(),
  }),
}
type PreviewParameters = z.output<z.ZodObject<typeof previewParameters>>

const preview = (world: World, _id: string, { subscription: id, subscription_details }: PreviewParameters): object => {
  const subscription = requireSubscription(world, id, 'subscription')
  if (isOver(subscription)) throw invalidRequest('A canceled subscription has no upcoming invoice.')
  const move = readMove(world, subscription, subscription_details, 'subscription_details')
  return { ...invoiceObject(world, previewMove(world, subscription, move)), billing_reason: 'upcoming' }
}

const setEnd = (world: World, id: string, { cancel_at_period_end, cancel_at }: UpdateParameters): void => {
  const subscription = requireSubscription(world, id)
  const { cancelsAtPeriodEnd, cancelAt } = subscription
  if (cancel_at_period_end === true && !cancelsAtPeriodEnd) endWithPeriod(world, subscription)
  if (cancel_at_period_end === false && cancelsAtPeriodEnd) goOn(world, subscription)
  if (cancel_at === '' && cancelAt !== null) goOn(world, subscription)
  if (typeof cancel_at !== 'number') return
  if (cancel_at <= world.now) throw invalidRequest('`cancel_at` must be in the future.', { param: 'cancel_at' })
  endByDate(world, subscription, cancel_at)
}

const setTerms = (world: World, id: string, given: UpdateParameters): void => {
  const { pause_collection: pause, trial_end: end, collection_method: method, days_until_due } = given
  if (pause !== undefined) {
    const pauseCollection = pause === '' ? null : { ...pause, resumes_at: pause.resumes_at ?? null }
    changeSubscription(world, id, { pauseCollection })
  }
  if (end !== undefined) startTrial(world, requireSubscription(world, id), end)
  if (method === undefined) return
  if (method === 'send_invoice' && days_until_due === undefined) {
    throw invalidRequest('Missing required param: days_until_due.', { param: 'days_until_due' })
  }
  changeSubscription(world, id, { daysUntilDue: method === 'send_invoice' ? (days_until_due ?? null) : null })
}

const update = (world: World, id: string, given: UpdateParameters): object => {
  const subscription = requireSubscription(world, id)
  const { metadata: _metadata, ...rest } = given
  if (isOver(subscription) && Object.keys(rest).length > 0) {
    throw invalidRequest('A canceled subscription can only update its cancellation_details and metadata.')
  }
  setItem(world, subscription, given)
  setEnd(world, id, given)
  setTerms(world, id, given)
  const metadata = mergeMetadata(subscription.metadata, given.metadata)
  return subscriptionObject(world, changeSubscription(world, id, { metadata }))
}

const cancelParameters = {
  invoice_now: z.literal('false', 'the stand-in makes no last invoice').optional(),
  prorate: z.literal('false', 'the stand-in credits nothing at the end').optional(),
}

const cancel = (world: World, id: string): object => {
  const subscription = requireSubscription(world, id)
  if (isOver(subscription)) throw noSuch('subscription', id)
  const ended =
    subscription.status === 'incomplete'
      ? expireSubscription(world, subscription)
      : endSubscription(world, subscription, 'cancellation_requested')
  return subscriptionObject(world, ended)
}

/** Deletes a customer, whose subscriptions end. */
const deleteCustomer = (world: World, id: string): object => {
  const customer = requireCustomer(world, id)
  for (const subscription of subscriptions.list(world, id)) {
    if (subscription.endedAt === null) endSubscription(world, subscription, 'cancellation_requested')
  }
  world.emit('customer.deleted', customerObject(customer))
  return customerObject(customers.change(world, id, { isDeleted: true }))
}

const listParameters = { customer: z.string().optional(), status: z.literal('all').optional() }

export const subscriptionEndpoints = [
  listEndpoint('/v1/subscriptions', 'subscription', listParameters, {
    find: (world, { customer }) => {
      // A deleted customer still has its subscriptions.
      if (customer === undefined || customers.get(world, customer)) return subscriptions.list(world, customer)
      throw noSuch('customer', customer, 'customer')
    },
    isWanted: ({ status }, wanted) => wanted.status === 'all' || status !== 'canceled',
    show: (subscription, world) => subscriptionObject(world, subscription),
  }),
  endpoint('GET', '/v1/subscriptions/:id', {}, (world, id) =>
    subscriptionObject(world, requireSubscription(world, id)),
  ),
  endpoint('POST', '/v1/subscriptions/:id', updateParameters, update),
  endpoint('DELETE', '/v1/subscriptions/:id', cancelParameters, cancel),
  endpoint('POST', '/v1/invoices/create_preview', previewParameters, preview),
  endpoint('DELETE', '/v1/customers/:id', {}, deleteCustomer),
]
