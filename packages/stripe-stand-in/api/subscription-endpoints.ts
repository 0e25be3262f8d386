import * as z from 'zod'
import { endSubscription } from '../billing/collecting.ts'
import { expireSubscription, voidOpenInvoice } from '../billing/invoicing.ts'
import { changePrice } from '../billing/subscription-life.ts'
import { invalidRequest, noSuch } from '../fault.ts'
import { customerObject, customers, requireCustomer } from '../resources/customers.ts'
import { invoiceObject, requireInvoice } from '../resources/invoices.ts'
import { requireActivePrice } from '../resources/prices.ts'
import type { Subscription } from '../resources/subscriptions.ts'
import {
  changeSubscription,
  endWithPeriod,
  goOn,
  isOver,
  requireSubscription,
  subscriptionObject,
  subscriptions,
} from '../resources/subscriptions.ts'
import type { World } from '../world.ts'
import { endpoint, flag, mergeMetadata, metadataParameter, pageOf, pageParameters, text } from './endpoint.ts'

const updateParameters = {
  items: z
    .tuple([z.strictObject({ id: text, price: text })], 'the stand-in knows subscriptions of one item')
    .optional(),
  proration_behavior: z.literal('always_invoice', 'the stand-in charges a difference at once').optional(),
  payment_behavior: z
    .enum(['error_if_incomplete', 'pending_if_incomplete'], 'the stand-in changes nothing after a decline')
    .optional(),
  cancel_at_period_end: flag.optional(),
  cancel_at: z.literal('', 'the stand-in cancels at the end of a period').optional(),
  metadata: metadataParameter.optional(),
}
type UpdateParameters = z.output<z.ZodObject<typeof updateParameters>>

const setItem = (world: World, subscription: Subscription, given: UpdateParameters): void => {
  const [wanted] = given.items ?? []
  if (wanted === undefined) return
  if (subscription.status === 'incomplete') {
    throw invalidRequest('This subscription cannot be updated in its current state: `incomplete`.')
  }
  if (wanted.id !== subscription.item.id) throw noSuch('subscription_item', wanted.id, 'items[0][id]')
  if (given.proration_behavior === undefined || given.payment_behavior === undefined) {
    throw invalidRequest('The stand-in needs `proration_behavior` and `payment_behavior` to change a price.')
  }
  const { payment_behavior, cancel_at_period_end, cancel_at, metadata } = given
  const others = [cancel_at_period_end, cancel_at, metadata].some((one) => one !== undefined)
  if (payment_behavior === 'pending_if_incomplete' && others) {
    throw invalidRequest('The stand-in changes nothing but the price with `payment_behavior=pending_if_incomplete`.')
  }
  changePrice(world, subscription, requireActivePrice(world, wanted.price, 'items[0][price]'), payment_behavior)
}

const setEnd = (world: World, id: string, { cancel_at_period_end, cancel_at }: UpdateParameters): void => {
  const subscription = requireSubscription(world, id)
  const { cancelsAtPeriodEnd, cancelAt } = subscription
  if (cancel_at_period_end === true && !cancelsAtPeriodEnd) endWithPeriod(world, subscription)
  if (cancel_at_period_end === false && cancelsAtPeriodEnd) goOn(world, subscription)
  if (cancel_at === '' && cancelAt !== null) goOn(world, subscription)
}

const update = (world: World, id: string, given: UpdateParameters): object => {
  const subscription = requireSubscription(world, id)
  const { metadata: _metadata, ...rest } = given
  if (isOver(subscription) && Object.keys(rest).length > 0) {
    throw invalidRequest('A canceled subscription can only update its cancellation_details and metadata.')
  }
  setItem(world, subscription, given)
  setEnd(world, id, given)
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

export const subscriptionEndpoints = [
  endpoint(
    'GET',
    '/v1/subscriptions',
    { ...pageParameters, customer: z.string().optional(), status: z.literal('all').optional() },
    (world, _id, { customer, status, ...page }) => {
      // A deleted customer still has its subscriptions.
      if (customer !== undefined && customers.get(world, customer) === undefined) {
        throw noSuch('customer', customer, 'customer')
      }
      return pageOf(
        subscriptions.list(world, customer),
        (subscription) => status === 'all' || subscription.status !== 'canceled',
        page,
        { what: 'subscription', url: '/v1/subscriptions', show: (found) => subscriptionObject(world, found) },
      )
    },
  ),
  endpoint('GET', '/v1/subscriptions/:id', {}, (world, id) =>
    subscriptionObject(world, requireSubscription(world, id)),
  ),
  endpoint('POST', '/v1/subscriptions/:id', updateParameters, update),
  endpoint('DELETE', '/v1/subscriptions/:id', cancelParameters, cancel),
  endpoint('POST', '/v1/invoices/:id/void', {}, (world, id) =>
    invoiceObject(world, voidOpenInvoice(world, requireInvoice(world, id))),
  ),
  endpoint('DELETE', '/v1/customers/:id', {}, deleteCustomer),
]
