import { createServer } from 'node:http'
import { Stripe } from 'stripe'
import { describe, expect, it } from 'vitest'
import { events } from '../../../packages/stripe-stand-in/resources/events.ts'
import { webhookEndpoints } from '../../../packages/stripe-stand-in/resources/webhook-endpoints.ts'
import { openStore } from '../../../packages/stripe-stand-in/store.ts'
import { createDeliveries, startEventDelivery } from '../../../packages/stripe-stand-in/webhooks.ts'
import { keys, openStripeScene, silent } from './scene.ts'

const waitFor = (check: () => Promise<boolean>) => expect.poll(check, { timeout: 20_000 }).toBe(true)

interface Received {
  readonly body: string
  readonly signature: string
}

/** An endpoint that answers as it is told. */
const openReceiver = async (answer: (count: number) => number = () => 200) => {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ body: Buffer.concat(chunks).toString(), signature: String(request.headers['stripe-signature']) })
      response.statusCode = answer(received.length)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    received,
    url: `http://127.0.0.1:${port}/hook`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('an event', () => {
  it('is delivered with a signature that the official client accepts', async () => {
    await using receiver = await openReceiver()
    await using scene = await openStripeScene({ endpointUrl: receiver.url })
    const { id } = await scene.stripe.customers.create({ email: 'a@example.com' })
    await waitFor(async () => receiver.received.length === 1)
    const [{ body, signature }] = receiver.received as [Received]
    const event = await Stripe.webhooks.constructEventAsync(body, signature, keys.webhookSecret)
    expect(event).toMatchObject({
      object: 'event',
      type: 'customer.created',
      livemode: false,
      data: { object: { id, object: 'customer' } },
      request: { id: expect.stringMatching(/^req_/) },
    })
    expect(() => Stripe.webhooks.constructEvent(body, signature, 'whsec_another')).toThrow()
    await waitFor(async () => scene.standIn().isDelivered())
  })

  it('is signed by the wall clock, wherever the domain clock stands', async () => {
    await using receiver = await openReceiver()
    await using scene = await openStripeScene({ endpointUrl: receiver.url })
    scene.turnDays(400)
    await scene.stripe.customers.create({})
    await waitFor(async () => receiver.received.length === 1)
    const [{ body, signature }] = receiver.received as [Received]
    const event = Stripe.webhooks.constructEvent(body, signature, keys.webhookSecret)
    expect(event.created * 1000).toBeGreaterThan(Date.now() + 399 * 86_400_000)
  })

  it('comes again until it is taken', async () => {
    await using receiver = await openReceiver((count) => (count < 4 ? 500 : 200))
    await using scene = await openStripeScene({ endpointUrl: receiver.url })
    await scene.stripe.customers.create({})
    expect(scene.standIn().isDelivered()).toBe(false)
    await waitFor(async () => scene.standIn().isDelivered() && receiver.received.length === 4)
    const ids = new Set(receiver.received.map(({ body }) => (JSON.parse(body) as { id: string }).id))
    expect(ids.size).toBe(1)
  })

  it('comes after a restart where it was not taken before', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises')
    const directory = await mkdtemp('/tmp/sitewright-stripe-')
    let isUp = false
    try {
      await using receiver = await openReceiver(() => (isUp ? 200 : 503))
      const path = `${directory}/stripe.sqlite`
      await using scene = await openStripeScene({ endpointUrl: receiver.url, path })
      await scene.stripe.customers.create({})
      await waitFor(async () => receiver.received.length >= 1)
      isUp = true
      await scene.restart()
      await waitFor(async () => scene.standIn().isDelivered())
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it('comes again where the database did not take that it was delivered', async () => {
    await using receiver = await openReceiver()
    const store = openStore(':memory:')
    const id = { id: 'we_one', created: 0, url: receiver.url, secret: keys.webhookSecret, metadata: {} }
    webhookEndpoints.put({ store }, { ...id, enabledEvents: ['*'], status: 'enabled', apiVersion: null })
    const none = { previous: null, request: null, idempotencyKey: null }
    events.put({ store }, { id: 'evt_one', created: 0, type: 'customer.created', object: {}, ...none })
    const deliveries = createDeliveries(store)
    deliveries.add('evt_one', 'we_one', 0)
    const complained = Promise.withResolvers<void>()
    let isFull = true
    const delivery = startEventDelivery({
      store,
      deliveries: {
        ...deliveries,
        remove: (one) => {
          if (isFull) throw new Error('database or disk is full')
          deliveries.remove(one)
        },
      },
      wall: Date.now,
      log: { ...silent, error: () => complained.resolve() },
    })
    await complained.promise
    isFull = false
    await waitFor(async () => delivery.isIdle())
    expect(receiver.received).toHaveLength(2)
    await delivery.close()
    store.close()
  })

  it('goes to every endpoint that wants it, and to no other', async () => {
    await using receiver = await openReceiver()
    await using scene = await openStripeScene()
    const { stripe } = scene
    const wanted = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.deleted'] })
    expect(wanted.secret).toMatch(/^whsec_/)
    expect((await stripe.webhookEndpoints.list()).data.map(({ id, secret }) => [id, secret])).toEqual([
      [wanted.id, undefined],
    ])
    const one = await stripe.customers.create({})
    const two = await stripe.customers.create({})
    await stripe.customers.del(one.id)
    await waitFor(async () => receiver.received.length > 0)
    await stripe.webhookEndpoints.update(wanted.id, { disabled: true })
    await stripe.customers.del(two.id)
    expect(scene.standIn().isDelivered()).toBe(true)
    const types = receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)
    expect(types).toEqual(['customer.deleted'])
    const [{ body, signature }] = receiver.received as [Received]
    expect(Stripe.webhooks.constructEvent(body, signature, wanted.secret!).type).toBe('customer.deleted')
  })
})
