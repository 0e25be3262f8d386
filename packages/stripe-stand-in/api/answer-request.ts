import { timingSafeEqual } from 'node:crypto'
import { invalidRequest, StripeFault } from '../fault.ts'
import { apiVersion, wholeList } from '../objects.ts'
import { paymentMethodObject, paymentMethods } from '../resources/cards.ts'
import {
  chargeEndpoints,
  chargeObject,
  charges,
  intents,
  paymentIntentEndpoints,
  paymentIntentObject,
} from '../resources/charges.ts'
import { checkoutSessionEndpoints } from '../resources/checkout-sessions.ts'
import { customerEndpoints, customerObject, customers } from '../resources/customers.ts'
import { disputeEndpoints } from '../resources/disputes.ts'
import { eventEndpoints } from '../resources/events.ts'
import { invoicePaymentEndpoints, invoicePaymentObject, paymentsOf } from '../resources/invoice-payments.ts'
import { invoiceEndpoints, invoiceObject, invoices } from '../resources/invoices.ts'
import { portalEndpoints } from '../resources/portal.ts'
import { priceEndpoints } from '../resources/prices.ts'
import { productEndpoints, productObject, products } from '../resources/products.ts'
import { refundEndpoints, refundObject, refunds } from '../resources/refunds.ts'
import { subscriptionObject, subscriptions } from '../resources/subscriptions.ts'
import { webhookEndpointEndpoints } from '../resources/webhook-endpoints.ts'
import type { World } from '../world.ts'
import type { ApiEndpoint } from './endpoint.ts'
import { type FormValue, readForm } from './form.ts'
import type { Answer, Answers } from './idempotency.ts'
import { type Outage, outageAnswer } from './outages.ts'
import { subscriptionEndpoints } from './subscription-endpoints.ts'

/** As many levels as Stripe expands; `data` of a list is one. */
const mostLevels = 4

type Show = (world: World, id: string) => object | undefined

const finding =
  <Item>(get: (world: World, id: string) => Item | undefined, show: (world: World, item: Item) => object): Show =>
  (world, id) => {
    const item = get(world, id)
    return item === undefined ? undefined : show(world, item)
  }

/** What an id names, by its prefix. */
const objects = new Map<string, Show>([
  ['ch', finding(charges.get, (_, item) => chargeObject(item))],
  ['cus', finding(customers.get, (_, item) => customerObject(item))],
  ['in', finding(invoices.get, invoiceObject)],
  ['pi', finding(intents.get, paymentIntentObject)],
  ['pm', finding(paymentMethods.get, (_, item) => paymentMethodObject(item))],
  ['prod', finding(products.get, (_, item) => productObject(item))],
  ['sub', finding(subscriptions.get, subscriptionObject)],
])

/** Lists that an object has only on request: https://docs.stripe.com/api/expanding_objects */
const includedLists = new Map<string, Show>([
  [
    'charge.refunds',
    (world, id) => {
      const found = refunds.list(world, charges.require(world, id).customer).filter(({ charge }) => charge === id)
      return wholeList(found.map(refundObject), `/v1/charges/${id}/refunds`)
    },
  ],
  [
    'invoice.payments',
    (world, id) => {
      const payments = paymentsOf(world, invoices.require(world, id))
      return wholeList(payments.map(invoicePaymentObject), `/v1/invoice_payments?invoice=${id}`)
    },
  ],
])

type Members = Record<string, unknown>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refuse = (path: string): never => {
  throw invalidRequest(
    `This property cannot be expanded (${path}). You may want to try expanding one of its properties, or check ` +
      'https://docs.stripe.com/expand.',
    { param: 'expand' },
  )
}

/** The member of an object, in full if it was an id. */
const show = (world: World, members: Members, name: string, path: string): unknown => {
  const value = members[name]
  const include = includedLists.get(`${String(members['object'])}.${name}`)
  if (include !== undefined) return include(world, String(members['id']))
  if (typeof value !== 'string' || name === 'id') return name in members ? value : refuse(path)
  return objects.get(value.split('_')[0] ?? '')?.(world, value) ?? refuse(path)
}

const expandIn = (world: World, within: unknown, [name, ...rest]: readonly string[], path: string): unknown => {
  if (name === undefined || within === null) return within
  if (Array.isArray(within)) return within.map((each) => expandIn(world, each, [name, ...rest], path))
  if (!isMembers(within)) return refuse(path)
  return { ...within, [name]: expandIn(world, show(world, within, name, path), rest, path) }
}

/**
 * Replaces ids by whole objects.
 * @throws {StripeFault} if a path is too long or names nothing.
 */
const expand = (world: World, answer: object, wanted: FormValue | undefined): unknown => {
  if (wanted === undefined) return answer
  if (!Array.isArray(wanted)) throw invalidRequest('Invalid array', { param: 'expand' })
  return wanted.reduce<unknown>((expanded, path) => {
    if (typeof path !== 'string') throw invalidRequest('Invalid string', { param: 'expand' })
    const names = path.split('.')
    if (names.length > mostLevels) {
      throw invalidRequest(`You cannot expand more than 4 levels of a property. Property: ${path}`, { param: 'expand' })
    }
    return expandIn(world, expanded, names, path)
  }, answer)
}

/** All of Stripe's API that the stand-in answers. */
export const apiEndpoints: readonly ApiEndpoint[] = [
  ...chargeEndpoints,
  ...paymentIntentEndpoints,
  ...checkoutSessionEndpoints,
  ...customerEndpoints,
  ...disputeEndpoints,
  ...eventEndpoints,
  ...invoiceEndpoints,
  ...invoicePaymentEndpoints,
  ...portalEndpoints,
  ...priceEndpoints,
  ...productEndpoints,
  ...refundEndpoints,
  ...subscriptionEndpoints,
  ...webhookEndpointEndpoints,
]

export interface ApiRequest {
  readonly method: string
  /** Such as `/v1/customers`. */
  readonly path: string
  /** Without a question mark. */
  readonly query: string
  readonly body: string
  readonly authorization: string | undefined
  readonly version: string | undefined
  readonly idempotencyKey: string | undefined
  readonly requestId: string
}

export interface ApiAnswer extends Answer {
  /** The request that it was first given to. */
  readonly replayOf?: string
  /** In seconds. */
  readonly retryAfter?: number | undefined
}

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

/** The clients send the key as a token, curl as a user name: both are accepted. */
const keyOf = (authorization: string | undefined): string | undefined => {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ')
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') return undefined
  return Buffer.from(value, 'base64').toString().split(':')[0]
}

const requireKey = ({ authorization }: ApiRequest, secretKey: string): void => {
  const key = keyOf(authorization)
  if (key !== undefined && isSame(Buffer.from(key).toString('hex'), Buffer.from(secretKey).toString('hex'))) return
  const message =
    key === undefined
      ? "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
      : 'Invalid API Key provided: it is none of this stand-in.'
  throw new StripeFault(401, { type: 'invalid_request_error', message })
}

const requireVersion = ({ version }: ApiRequest): void => {
  if (version === undefined || version === apiVersion) return
  throw invalidRequest(`Invalid Stripe API version: ${version}. The stand-in speaks ${apiVersion} only.`)
}

const faultAnswer = ({ status, body }: StripeFault): Answer => ({
  status,
  body: JSON.stringify({ error: body }, null, 2),
})

/** @throws {StripeFault} for a request that is not valid; Stripe saves no answer to it. */
const prepare = ({ method, path, query, body }: ApiRequest): ((world: World) => Answer) => {
  const found = apiEndpoints.find((endpoint) => endpoint.method === method && endpoint.pattern.test(path))
  if (found === undefined) {
    const message = `Unrecognized request URL (${method}: ${path}). The stand-in may not know all that Stripe does.`
    throw new StripeFault(404, { type: 'invalid_request_error', message })
  }
  const form = readForm(method === 'GET' || body === '' ? query : body)
  const id = decodeURIComponent(found.pattern.exec(path)?.groups?.['id'] ?? '')
  const execute = found.prepare(form)
  return (world) => ({ status: 200, body: JSON.stringify(expand(world, execute(world, id), form['expand']), null, 2) })
}

/**
 * Answers one request, and makes all of its changes or none of them.
 * @param parts.attempt does the work in a transaction that is rolled back if it throws, unless the fault keeps its changes.
 * @param parts.outage the fault that a test wants for this request.
 */
export const answerRequest = (
  request: ApiRequest,
  parts: {
    readonly secretKey: string
    readonly answers: Answers
    readonly world: World
    readonly attempt: <Result>(work: () => Result) => Result
    readonly outage: Outage | undefined
  },
): ApiAnswer => {
  const { answers, world, attempt, secretKey, outage } = parts
  const { idempotencyKey, method, path, body, requestId } = request
  const keyed =
    idempotencyKey === undefined || method !== 'POST' ? undefined : { key: idempotencyKey, path, body, requestId }
  const answerNow = (execute: (world: World) => Answer): Answer => {
    try {
      if (outage === undefined) return attempt(() => execute(world))
      if (outage.does === 'all') attempt(() => execute(world))
      return outageAnswer(outage)
    } catch (error) {
      if (error instanceof StripeFault) return faultAnswer(error)
      throw error
    }
  }
  try {
    if (outage?.status === 429) return outageAnswer(outage)
    requireKey(request, secretKey)
    requireVersion(request)
    const before = keyed === undefined ? undefined : answers.find(keyed, world.now)
    if (before !== undefined) return { status: before.status, body: before.body, replayOf: before.request }
    if (outage?.status === 409) return outageAnswer(outage)
    const answer = answerNow(prepare(request))
    // Stripe saves every answer once execution has begun, errors included.
    if (keyed !== undefined) answers.keep(keyed, answer, world.now)
    return answer
  } catch (error) {
    if (error instanceof StripeFault) return faultAnswer(error)
    throw error
  }
}
