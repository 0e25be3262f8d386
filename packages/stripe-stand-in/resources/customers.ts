import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, listEndpoint, mergeMetadata, metadataParameter, text } from '../api/endpoint.ts'
import { amount, collection, metadata, record } from '../collection.ts'
import { invalidRequest, noSuch } from '../fault.ts'
import { nulls } from '../objects.ts'
import type { World } from '../world.ts'
import { type PaymentMethod, paymentMethodObject, paymentMethods } from './cards.ts'

const customerSchema = z.object({
  ...record,
  email: z.string().nullable(),
  metadata,
  /** A negative balance is a credit for the next invoices. */
  balance: amount,
  defaultPaymentMethod: z.string().nullable(),
  isDeleted: z.boolean(),
})
export type Customer = z.infer<typeof customerSchema>

export const customers = collection('customer', customerSchema)

export const customerObject = (customer: Customer): Stripe.Customer | Stripe.DeletedCustomer =>
  customer.isDeleted
    ? { id: customer.id, object: 'customer', deleted: true }
    : {
        id: customer.id,
        object: 'customer',
        balance: customer.balance,
        created: customer.created,
        delinquent: false,
        email: customer.email,
        invoice_settings: {
          default_payment_method: customer.defaultPaymentMethod,
          ...nulls('custom_fields footer rendering_options'),
        },
        livemode: false,
        metadata: customer.metadata,
        preferred_locales: [],
        tax_exempt: 'none',
        ...nulls('address currency customer_account default_source description discount invoice_prefix name phone'),
        ...nulls('shipping test_clock'),
      }

/** What of a total a customer has to pay, and what of the balance is left then. A credit pays first, a debt comes on top. */
export const applyBalance = (total: number, balance: number) => ({
  due: Math.max(0, total + balance),
  endingBalance: Math.min(0, total + balance),
})

/** @throws {StripeFault} if there is none, or it was deleted. */
export const requireCustomer = finder((world, id) => {
  const customer = customers.get(world, id)
  return customer?.isDeleted ? undefined : customer
}, 'customer')

export const createCustomer = (world: World, given: Pick<Customer, 'email' | 'metadata'>): Customer => {
  const made = { balance: 0, defaultPaymentMethod: null, isDeleted: false }
  const customer = customers.create(world, 'cus_', { ...made, ...given })
  world.emit('customer.created', customerObject(customer))
  return customer
}

/** Parameters that remove what the stand-in does not keep, by their names with spaces between. */
const nothing = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, z.literal('').optional()]))

const requireMethod = finder(paymentMethods.get, 'PaymentMethod')

const requireAttached = (world: World, id: string): PaymentMethod => {
  const method = requireMethod(world, id, 'payment_method')
  if (method.customer !== null) return method
  throw invalidRequest('The payment method you provided is not attached to a customer so detachment is impossible.')
}

export const customerEndpoints = [
  endpoint(
    'POST',
    '/v1/customers',
    { email: text.optional(), metadata: metadataParameter.optional() },
    (world, _id, { email = null, metadata: given }) =>
      customerObject(createCustomer(world, { email, metadata: mergeMetadata({}, given) })),
  ),
  endpoint(
    'POST',
    '/v1/customers/:id',
    {
      email: z.string().optional(),
      ...nothing('name phone description address shipping business_name individual_name'),
    },
    (world, id, { email }) => {
      const { id: known } = requireCustomer(world, id)
      const customer = customers.change(world, known, email === undefined ? {} : { email: email === '' ? null : email })
      world.emit('customer.updated', customerObject(customer))
      return customerObject(customer)
    },
  ),
  listEndpoint('/v1/customers/:id/tax_ids', 'tax_id', {}, { find: () => [], show: (item) => item }),
  listEndpoint(
    '/v1/customers/:id/payment_methods',
    'payment_method',
    {},
    { find: (world, _, id) => paymentMethods.list(world, requireCustomer(world, id).id), show: paymentMethodObject },
  ),
  endpoint(
    'POST',
    '/v1/payment_methods/:id',
    { billing_details: z.strictObject(nothing('name email phone address')) },
    (world, id) => paymentMethodObject(requireAttached(world, id)),
  ),
  endpoint('POST', '/v1/payment_methods/:id/detach', {}, (world, id) => {
    const { customer } = requireAttached(world, id)
    if (customer !== null && customers.get(world, customer)?.defaultPaymentMethod === id) {
      customers.change(world, customer, { defaultPaymentMethod: null })
    }
    return paymentMethodObject(paymentMethods.change(world, id, { customer: null }))
  }),
  listEndpoint(
    '/v1/customers',
    'customer',
    { email: z.string().optional() },
    {
      find: (world) => customers.list(world),
      isWanted: ({ isDeleted, email }, wanted) => !isDeleted && (wanted.email ?? email) === email,
      show: customerObject,
    },
  ),
  endpoint('GET', '/v1/customers/:id', {}, (world, id) => {
    const customer = customers.get(world, id)
    if (customer === undefined) throw noSuch('customer', id)
    return customerObject(customer)
  }),
]
