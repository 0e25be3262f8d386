import * as z from 'zod'
import { expireSession } from '../billing/act-on-due.ts'
import { requireOneCurrency } from '../billing/one-currency.ts'
import { checkoutSessionObject } from '../objects/checkout-session-object.ts'
import type { CheckoutSession } from '../records/checkout-session.ts'
import { invalidRequest, noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { requireCustomer } from './customers.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import {
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

const what = 'checkout.session'
const daySeconds = 86_400

/** @throws {StripeFault} where there is none. */
export const requireSession = ({ records }: Pick<World, 'records'>, id: string): CheckoutSession => {
  const session = records.sessions.get(id)
  if (session === undefined) throw noSuch(what, id, 'session')
  return session
}

const keeping = z.enum(['auto', 'never']).optional()

const createParameters = {
  mode: z.literal('subscription', 'the stand-in sells subscriptions only'),
  line_items: z
    .array(z.strictObject({ price: text, quantity: count }))
    .length(1, 'the stand-in sells one price at a time'),
  customer: text.optional(),
  customer_email: text.optional(),
  client_reference_id: text.optional(),
  success_url: z.url(),
  cancel_url: z.url().optional(),
  metadata: metadataParameter.optional(),
  subscription_data: z
    .strictObject({ metadata: metadataParameter.optional(), description: text.optional() })
    .optional(),
  allow_promotion_codes: flag.optional(),
  automatic_tax: z.strictObject({ enabled: flag }).optional(),
  tax_id_collection: z.strictObject({ enabled: flag }).optional(),
  customer_update: z.strictObject({ address: keeping, name: keeping, shipping: keeping }).optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  payment_method_types: z.array(z.literal('card')).optional(),
  payment_method_collection: z.literal('always').optional(),
  locale: text.optional(),
  expires_at: moment.optional(),
}
type CreateParameters = z.output<z.ZodObject<typeof createParameters>>

const expiryOf = (now: number, wanted: number | undefined): number => {
  if (wanted === undefined) return now + daySeconds
  if (wanted < now + 1800 || wanted > now + daySeconds) {
    throw invalidRequest('The `expires_at` timestamp must be between 30 minutes and 24 hours from now.', {
      param: 'expires_at',
    })
  }
  return wanted
}

const create = (world: World, _id: string, given: CreateParameters): object => {
  const { records, newId, now } = world
  const [item] = given.line_items
  if (item === undefined) throw invalidRequest('Missing required param: line_items.')
  const price = requirePrice(world, item.price, 'line_items[0][price]')
  if (!price.active) {
    throw invalidRequest(`The price specified is inactive. This field only accepts active prices.`, {
      param: 'line_items[0][price]',
    })
  }
  if (given.customer !== undefined) {
    requireCustomer(world, given.customer)
    requireOneCurrency(world, given.customer, price.currency)
  }
  const session = records.sessions.put({
    id: newId('cs_test_'),
    created: now,
    expiresAt: expiryOf(now, given.expires_at),
    status: 'open',
    customer: given.customer ?? null,
    customerEmail: given.customer_email ?? null,
    clientReferenceId: given.client_reference_id ?? null,
    price: price.id,
    quantity: item.quantity,
    currency: price.currency,
    metadata: mergeMetadata({}, given.metadata),
    subscriptionMetadata: mergeMetadata({}, given.subscription_data?.metadata),
    subscriptionDescription: given.subscription_data?.description ?? null,
    successUrl: given.success_url,
    cancelUrl: given.cancel_url ?? null,
    locale: given.locale ?? null,
    allowsPromotionCodes: given.allow_promotion_codes ?? null,
    hasAutomaticTax: given.automatic_tax?.enabled ?? false,
    collectsTaxIds: given.tax_id_collection?.enabled ?? false,
    billingAddressCollection: given.billing_address_collection ?? null,
    subscription: null,
    invoice: null,
  })
  return checkoutSessionObject(world, session)
}

const expire = (world: World, id: string): object => {
  const { status } = requireSession(world, id)
  if (status !== 'open') {
    throw invalidRequest(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${status}\`.`,
    )
  }
  expireSession(world, id)
  return checkoutSessionObject(world, requireSession(world, id))
}

export const checkoutSessionEndpoints = [
  endpoint('POST', '/v1/checkout/sessions', createParameters, create),
  endpoint(
    'GET',
    '/v1/checkout/sessions',
    {
      ...pageParameters,
      customer: z.string().optional(),
      subscription: z.string().optional(),
      status: z.enum(['open', 'complete', 'expired']).optional(),
      created: createdParameter.optional(),
    },
    (world, _id, { customer, subscription, status, created, ...page }) =>
      pageOf(
        world.records.sessions.list(customer),
        (session) =>
          (status === undefined || session.status === status) &&
          (subscription === undefined || session.subscription === subscription) &&
          isCreatedIn(session.created, created),
        page,
        { what, url: '/v1/checkout/sessions', show: (session) => checkoutSessionObject(world, session) },
      ),
  ),
  endpoint('GET', '/v1/checkout/sessions/:id', {}, (world, id) =>
    checkoutSessionObject(world, requireSession(world, id)),
  ),
  endpoint('POST', '/v1/checkout/sessions/:id/expire', {}, expire),
]
