import * as z from 'zod'
import { changeCustomer } from '../announce.ts'
import { createCustomer } from '../billing/create-customer.ts'
import { endSubscription } from '../billing/end-subscription.ts'
import { customerObject } from '../objects/customer-object.ts'
import { paymentMethodObject } from '../objects/payment-method-object.ts'
import type { Customer } from '../records/customer.ts'
import { invalidRequest, noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { clearable, createdParameter, isCreatedIn, mergeMetadata, metadataParameter } from './parameters.ts'

const what = 'customer'

/** @throws {StripeFault} where there is none, or it was deleted. */
export const requireCustomer = ({ records }: Pick<World, 'records'>, id: string, param = 'customer'): Customer => {
  const customer = records.customers.get(id)
  if (customer === undefined || customer.isDeleted) throw noSuch(what, id, param)
  return customer
}

const details = {
  email: clearable.optional(),
  name: clearable.optional(),
  description: clearable.optional(),
  phone: clearable.optional(),
  metadata: metadataParameter.optional(),
}

/** @throws {StripeFault} where the customer has no such card. */
const requireOwnMethod = ({ records }: World, customer: string, id: string | null | undefined): void => {
  if (typeof id !== 'string' || records.paymentMethods.get(id)?.customer === customer) return
  throw invalidRequest(
    'The customer does not have a payment method with the ID ' +
      `${id}. The payment method must be attached to the customer.`,
    { code: 'resource_missing', param: 'invoice_settings[default_payment_method]' },
  )
}

const remove = (world: World, id: string): object => {
  const { customers, subscriptions } = world.records
  const customer = requireCustomer(world, id, 'id')
  for (const subscription of subscriptions.list(id)) {
    if (subscription.endedAt === null) endSubscription(world, subscription, { reason: 'cancellation_requested' })
  }
  world.emit('customer.deleted', customerObject(customer))
  return customerObject(customers.change(id, { isDeleted: true }))
}

export const customerEndpoints = [
  endpoint('POST', '/v1/customers', details, (world, _id, { metadata, ...rest }) =>
    customerObject(createCustomer(world, { ...rest, metadata: mergeMetadata({}, metadata) })),
  ),
  endpoint(
    'GET',
    '/v1/customers',
    { ...pageParameters, email: z.string().optional(), created: createdParameter.optional() },
    ({ records }, _id, { email, created, ...page }) =>
      pageOf(
        records.customers.list(),
        (customer) =>
          !customer.isDeleted &&
          (email === undefined || customer.email === email) &&
          isCreatedIn(customer.created, created),
        page,
        { what, url: '/v1/customers', show: customerObject },
      ),
  ),
  endpoint('GET', '/v1/customers/:id', {}, ({ records }, id) => {
    const customer = records.customers.get(id)
    if (customer === undefined) throw noSuch(what, id)
    return customerObject(customer)
  }),
  endpoint(
    'POST',
    '/v1/customers/:id',
    {
      ...details,
      invoice_settings: z.strictObject({ default_payment_method: clearable.optional() }).optional(),
    },
    (world, id, { metadata, invoice_settings, ...rest }) => {
      const customer = requireCustomer(world, id, 'id')
      const defaultPaymentMethod = invoice_settings?.default_payment_method
      requireOwnMethod(world, id, defaultPaymentMethod)
      const change = { ...rest, defaultPaymentMethod, metadata: mergeMetadata(customer.metadata, metadata) }
      return customerObject(changeCustomer(world, id, change))
    },
  ),
  endpoint('DELETE', '/v1/customers/:id', {}, remove),
  endpoint(
    'GET',
    '/v1/customers/:id/payment_methods',
    { ...pageParameters, type: z.literal('card').optional() },
    (world, id, page) =>
      pageOf(world.records.paymentMethods.list(requireCustomer(world, id).id), () => true, page, {
        what: 'PaymentMethod',
        url: `/v1/customers/${id}/payment_methods`,
        show: paymentMethodObject,
      }),
  ),
]
