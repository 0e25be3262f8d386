import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Stripe } from 'stripe'
import { openStripeStandIn, type StripeStandIn } from '../../../packages/stripe-stand-in/index.ts'

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

export const keys = { secretKey: 'sk_test_standin', webhookSecret: 'whsec_of_this_test' } as const

/** A client without retries, so that a test sees every answer. It asks below the path of the address. */
export const clientOf = (address: string, secretKey: string): Stripe => {
  const { hostname, port, pathname } = new URL(address)
  const client = Stripe.createNodeHttpClient()
  const below: typeof client.makeRequest = (host, at, path, ...rest) =>
    client.makeRequest(host, at, `${pathname.replace(/\/$/, '')}${path}`, ...rest)
  return new Stripe(secretKey, {
    ...{ host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false },
    httpClient: { getClientName: () => client.getClientName(), makeRequest: below },
  })
}

export interface StripeScene extends AsyncDisposable {
  readonly stripe: Stripe
  readonly address: string
  readonly now: () => string
  /** Turns the domain clock as the host does: with a stop wherever the stand-in wants one. */
  readonly turnDays: (days: number) => void
  readonly standIn: () => StripeStandIn
  /** Ends the stand-in and opens it again on the same file. */
  readonly restart: () => Promise<void>
  /** What a person does, as `POST`; answers status and body. */
  readonly act: (path: string, body: object) => Promise<{ status: number; json: Record<string, never> }>
}

/** A stand-in behind HTTP, with a domain clock that the test advances. */
export const openStripeScene = async (
  options: { readonly path?: string; readonly endpointUrl?: string } = {},
): Promise<StripeScene> => {
  let offset = 0
  const wall = (): string => new Date().toISOString()
  const now = (): string => new Date(Date.now() + offset).toISOString()
  let standIn: StripeStandIn
  const server = createServer((request, response) => {
    standIn.serve(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://localhost:${(server.address() as AddressInfo).port}/_local/stripe`
  const open = (): StripeStandIn =>
    openStripeStandIn({
      path: options.path ?? ':memory:',
      clocks: { domain: now, wall },
      log: silent,
      address,
      secretKey: keys.secretKey,
      ...(options.endpointUrl === undefined
        ? {}
        : { endpoint: { url: options.endpointUrl, secret: keys.webhookSecret, events: ['*'] } }),
    })
  standIn = open()
  return {
    stripe: clientOf(address, keys.secretKey),
    address,
    now,
    turnDays: (days) => {
      const end = Date.parse(now()) + days * 86_400_000
      for (;;) {
        standIn.act()
        const next = standIn.nextWakeUp(now())
        if (next === undefined || Date.parse(next) > end) break
        offset += Date.parse(next) - Date.parse(now())
      }
      offset += end - Date.parse(now())
      standIn.act()
    },
    standIn: () => standIn,
    restart: async () => {
      await standIn.close()
      standIn = open()
    },
    act: async (path, body) => {
      const response = await fetch(`${address}${path}`, { method: 'POST', body: JSON.stringify(body) })
      return { status: response.status, json: (await response.json()) as Record<string, never> }
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await standIn.close()
    },
  }
}

export const cards = {
  good: '4242 4242 4242 4242',
  declined: '4000000000000002',
  failsLater: '4000000000000341',
  authenticates: '4000002760003184',
  insufficient: '4000000000009995',
  disputed: '4000000000000259',
  account: 'DE08370400440532013003',
  accountDeclines: 'DE78370400440532013004',
} as const

/** A customer and two plans with monthly and yearly prices. */
export const fillCatalogue = async (stripe: Stripe) => {
  const make = async (plan: string, month: number) => {
    const product = await stripe.products.create({ name: plan, metadata: { plan } })
    const price = (unit_amount: number, interval: 'month' | 'year') =>
      stripe.prices.create({
        product: product.id,
        currency: 'eur',
        unit_amount,
        recurring: { interval },
        lookup_key: `${plan}_${interval}`,
      })
    return { product, month: await price(month, 'month'), year: await price(month * 10, 'year') }
  }
  const starter = await make('starter', 1900)
  const growth = await make('growth', 7900)
  const customer = await stripe.customers.create({ email: 'ada@example.com', metadata: { accountId: 'a' } })
  return { starter, growth, customer }
}

/** Buys a monthly starter subscription. */
export const buy = async (
  { stripe, act }: Pick<StripeScene, 'stripe' | 'act'>,
  { customer, price, siteId = 'site_1' }: { customer: string; price: string; siteId?: string },
) => {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer,
    line_items: [{ price, quantity: 1 }],
    metadata: { siteId },
    subscription_data: { metadata: { siteId }, description: `${siteId}.example` },
    success_url: 'http://localhost/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://localhost/back',
  })
  const { status } = await act(`/checkout/${session.id}/pay`, { card: cards.good })
  if (status !== 200) throw new Error(`the payment was answered with ${status}`)
  const paid = await stripe.checkout.sessions.retrieve(session.id)
  return { session: paid, subscriptionId: String(paid.subscription) }
}
