import { timingSafeEqual } from 'node:crypto'
import { invalidRequest, StripeFault } from '../fault.ts'
import { apiVersion } from '../objects.ts'
import { chargeEndpoints, paymentIntentEndpoints } from '../resources/charges.ts'
import { checkoutSessionEndpoints } from '../resources/checkout-sessions.ts'
import { customerEndpoints } from '../resources/customers.ts'
import { disputeEndpoints } from '../resources/disputes.ts'
import { eventEndpoints } from '../resources/events.ts'
import { invoicePaymentEndpoints } from '../resources/invoice-payments.ts'
import { invoiceEndpoints } from '../resources/invoices.ts'
import { portalEndpoints } from '../resources/portal.ts'
import { priceEndpoints } from '../resources/prices.ts'
import { productEndpoints } from '../resources/products.ts'
import { refundEndpoints } from '../resources/refunds.ts'
import { webhookEndpointEndpoints } from '../resources/webhook-endpoints.ts'
import type { World } from '../world.ts'
import type { ApiEndpoint } from './endpoint.ts'
import { expand } from './expand.ts'
import { readForm } from './form.ts'
import type { Answer, Answers } from './idempotency.ts'
import { invoiceChangeEndpoints } from './invoice-change-endpoints.ts'
import { type Outage, outageAnswer } from './outages.ts'
import { subscriptionEndpoints } from './subscription-endpoints.ts'

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
  ...invoiceChangeEndpoints,
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
