import { Stripe } from 'stripe'
import { openStripeStandIn } from '#stripe-stand-in'
import { StripeFault } from '#stripe-stand-in/fault.ts'
import { eventObject, events } from '#stripe-stand-in/resources/events.ts'
import { serveActs } from '#stripe-stand-in/serve-acts.ts'
import { signPayload } from '#stripe-stand-in/webhooks.ts'
import type { World } from '#stripe-stand-in/world.ts'
import { apiVersion, type HttpClient } from '../../../../adapters/stripe/client.ts'
import { planSync } from '../../../../adapters/stripe/sync/sync-catalogue.ts'
import type { Clock } from '../../../../core/ports/context.ts'
import { isRelevant } from '../../../../lambdas/billing/webhook-api.ts'
import config from '../../../../sitewright.config.ts'

export const installation = 'swept'
export const webhookSecret = 'whsec_of_this_sweep'
const secretKey = 'sk_test_standin'

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: object
  readonly body: string
}

/** What goes over the wire, and comes back. */
type Wire = (asked: Asked) => Promise<Awaited<ReturnType<HttpClient['makeRequest']>>>

/** A method for each kind of request, such as `POST subscriptions/:id`, so that calls are named after it. */
export type StripePort = Readonly<Record<string, Wire>>

const nameOf = (method: string, path: string): string => {
  const [pathname = ''] = path.split('?')
  const parts = pathname.replace(/^\/v1\//, '').split('/')
  return `${method} ${parts.map((part) => (/[\dA-Z]/.test(part) ? ':id' : part)).join('/')}`
}

/** Stripe's own client, which neither waits nor tries again: what a fault does to a request is seen at once. */
export const clientOn = (port: StripePort): Stripe =>
  new Stripe(secretKey, {
    apiVersion,
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: {
      getClientName: () => 'here',
      makeRequest: async (_host, _port, path, method, headers, body) => {
        const wire = port[nameOf(method, path)]
        if (wire === undefined) throw new Error(`nothing is at ${path}`)
        return wire({ method, path, headers, body: body ?? '' })
      },
    },
  })

export interface StripeHere {
  readonly port: StripePort
  readonly check: <Result>(check: (world: World) => Result) => Result
  /** What people do in Stripe's pages; false where Stripe refuses it. */
  readonly play: (path: string, body: object) => boolean
  /** The event for the webhook, signed now. */
  readonly deliveries: () => readonly { readonly id: string; readonly body: string; readonly signature: string }[]
  readonly act: () => void
  readonly close: () => Promise<void>
}

/** The stand-in for Stripe with our catalogue in it, and nothing but the wire left out. It outlives every host. */
export const openStripeHere = async (clock: Clock, randomText: (length: number) => string): Promise<StripeHere> => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const standIn = openStripeStandIn({
    path: ':memory:',
    clocks: { domain: clock, wall: clock },
    log,
    address: 'http://localhost/_local/stripe',
    secretKey,
    randomText,
  })
  const wire: Wire = async ({ method, path, headers, body }) => {
    const [pathname = '', query = ''] = path.split('?')
    const header = (name: string): string | undefined =>
      Object.entries(headers)
        .find(([key]) => key.toLowerCase() === name)?.[1]
        ?.toString()
    const requestId = `req_${randomText(14)}`
    const answer = standIn.answer({
      method,
      path: pathname,
      query,
      body,
      authorization: header('authorization'),
      version: header('stripe-version'),
      idempotencyKey: header('idempotency-key'),
      requestId,
    })
    return {
      getStatusCode: () => answer.status,
      getHeaders: () => ({
        'request-id': requestId,
        ...(answer.replayOf === undefined ? {} : { 'idempotent-replayed': 'true' }),
      }),
      getRawResponse: () => answer,
      toStream: () => {
        throw new Error('no answer is streamed here')
      },
      toJSON: async () => JSON.parse(answer.body),
    }
  }
  const port = new Proxy<StripePort>({ wire }, { get: () => wire })
  await (await planSync({ stripe: clientOn(port), installation, plans: config.plans, brand: 'Swept' })).apply()
  return {
    port,
    check: standIn.step,
    play: (path, body) => {
      try {
        serveActs(standIn, { method: 'POST', path, body: JSON.stringify(body) })
        return true
      } catch (error) {
        if (error instanceof StripeFault) return false
        throw error
      }
    },
    deliveries: () =>
      standIn
        .step((world) => events.list(world))
        .filter(isRelevant)
        .map((event) => {
          const body = JSON.stringify(eventObject(event))
          return {
            id: event.id,
            body,
            signature: signPayload(body, webhookSecret, Math.floor(Date.parse(clock()) / 1000)),
          }
        }),
    act: standIn.act,
    close: standIn.close,
  }
}
