import { Stripe } from 'stripe'
import { describe, expect, it } from 'vitest'
import { apiVersion } from '../../../packages/stripe-stand-in/objects.ts'
import { buy, clientOf, fillCatalogue, keys, openStripeScene } from './scene.ts'

describe('the API of the stand-in', () => {
  it('is of the version that the official client pins', () => {
    expect(apiVersion).toBe(Stripe.API_VERSION)
  })

  it('asks for the secret key', async () => {
    await using scene = await openStripeScene()
    const stranger = clientOf(scene.address, 'sk_test_somebody')
    await expect(stranger.customers.list()).rejects.toMatchObject({
      type: 'StripeAuthenticationError',
      statusCode: 401,
      requestId: expect.stringMatching(/^req_/),
    })
    expect((await fetch(`${scene.address}/v1/customers`)).status).toBe(401)
    const basic = Buffer.from(`${keys.secretKey}:`).toString('base64')
    const curl = await fetch(`${scene.address}/v1/customers`, { headers: { authorization: `Basic ${basic}` } })
    expect(curl.status).toBe(200)
  })

  it('speaks no other version', async () => {
    await using scene = await openStripeScene()
    await expect(scene.stripe.customers.list({}, { apiVersion: '2020-08-27' })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('2020-08-27'),
    })
  })

  it.each([
    ['an unknown parameter', 'POST', '/v1/customers', 'colour=red', { code: 'parameter_unknown', param: 'colour' }],
    ['a missing one', 'POST', '/v1/products', '', { code: 'parameter_missing', param: 'name' }],
    [
      'a missing one further in',
      'POST',
      '/v1/prices',
      'product=p&currency=eur&unit_amount=1&recurring[interval_count]=1',
      { code: 'parameter_missing', param: 'recurring[interval]' },
    ],
    ['an integer that is none', 'GET', '/v1/customers?limit=many', '', { param: 'limit' }],
    ['a page too large', 'GET', '/v1/customers?limit=101', '', { param: 'limit' }],
    ['a malformed name', 'POST', '/v1/customers', 'metadata[a=b', {}],
    ['a dangerous name', 'POST', '/v1/customers', 'metadata[__proto__]=b', {}],
  ])('refuses %s', async (_what, method, path, body, error) => {
    await using scene = await openStripeScene()
    const response = await fetch(`${scene.address}${path}`, {
      method,
      headers: { authorization: `Bearer ${keys.secretKey}`, 'content-type': 'application/x-www-form-urlencoded' },
      ...(method === 'GET' ? {} : { body }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', ...error } })
  })

  it('says what it does not have', async () => {
    await using scene = await openStripeScene()
    const missing = { code: 'resource_missing', statusCode: 404 }
    await expect(scene.stripe.customers.retrieve('cus_none')).rejects.toMatchObject({
      ...missing,
      message: "No such customer: 'cus_none'",
    })
    await expect(scene.stripe.subscriptions.retrieve('sub_none')).rejects.toMatchObject(missing)
    await expect(scene.stripe.subscriptions.list({ customer: 'cus_none' })).rejects.toMatchObject(missing)
    await expect(scene.stripe.coupons.list()).rejects.toMatchObject({ statusCode: 404 })
  })

  it('keeps metadata by name, and removes it on request', async () => {
    await using scene = await openStripeScene()
    const { subscriptions } = scene.stripe
    const { customer, starter } = await fillCatalogue(scene.stripe)
    const { subscriptionId: id } = await buy(scene, { customer: customer.id, price: starter.month.id })
    await subscriptions.update(id, { metadata: { siteId: '', one: '1', two: '2' } })
    await subscriptions.update(id, { metadata: { two: '', three: '3' } })
    expect(await subscriptions.retrieve(id)).toHaveProperty('metadata', { one: '1', three: '3' })
    expect(await subscriptions.update(id, { metadata: '' })).toHaveProperty('metadata', {})
  })
})

describe('lists', () => {
  it('come in pages, newest first', async () => {
    await using scene = await openStripeScene()
    const ids: string[] = []
    for (let count = 0; count < 7; count += 1) ids.unshift((await scene.stripe.customers.create({})).id)
    const first = await scene.stripe.customers.list({ limit: 3 })
    expect([first.data.map(({ id }) => id), first.has_more]).toEqual([ids.slice(0, 3), true])
    const second = await scene.stripe.customers.list({ limit: 3, starting_after: ids[2]! })
    expect([second.data.map(({ id }) => id), second.has_more]).toEqual([ids.slice(3, 6), true])
    const last = await scene.stripe.customers.list({ limit: 3, starting_after: ids[5]! })
    expect([last.data.map(({ id }) => id), last.has_more]).toEqual([ids.slice(6), false])
    const all: string[] = []
    for await (const { id } of scene.stripe.customers.list({ limit: 2 })) all.push(id)
    expect(all).toEqual(ids)
  })

  it('refuse a cursor that names nothing', async () => {
    await using scene = await openStripeScene()
    await expect(scene.stripe.customers.list({ starting_after: 'cus_none' })).rejects.toMatchObject({ statusCode: 404 })
  })

  it('of prices go by lookup key and activity', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { starter } = await fillCatalogue(stripe)
    const byKey = await stripe.prices.list({ lookup_keys: ['starter_year', 'growth_month'], active: true })
    expect(byKey.data.map(({ lookup_key }) => lookup_key)).toEqual(['growth_month', 'starter_year'])
    await stripe.prices.update(starter.year.id, { active: false })
    expect((await stripe.prices.list({ active: true })).data).toHaveLength(3)
    expect((await stripe.prices.list({ active: false })).data.map(({ id }) => id)).toEqual([starter.year.id])
  })

  it('expand what they name, to four levels', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    await fillCatalogue(stripe)
    const { data } = await stripe.prices.list({ limit: 1, expand: ['data.product'] })
    expect(data[0]?.product).toMatchObject({ object: 'product', name: 'growth' })
    await expect(stripe.prices.list({ expand: ['data.nothing'] })).rejects.toMatchObject({
      message: expect.stringContaining('cannot be expanded (data.nothing)'),
    })
    await expect(stripe.subscriptions.list({ expand: ['data.items.data.price.product'] })).rejects.toMatchObject({
      message: expect.stringContaining('more than 4 levels'),
    })
  })
})

describe('a lookup key', () => {
  it('has one price, and changes it only on request', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const { starter } = await fillCatalogue(stripe)
    const another = {
      product: starter.product.id,
      currency: 'eur',
      unit_amount: 2000,
      recurring: { interval: 'month' },
      lookup_key: 'starter_month',
    } as const
    await expect(stripe.prices.create(another)).rejects.toMatchObject({ statusCode: 400, param: 'lookup_key' })
    const { id } = await stripe.prices.create({ ...another, transfer_lookup_key: true })
    const before = (await stripe.prices.list()).data.find((price) => price.id === starter.month.id)
    expect(before?.lookup_key).toBeNull()
    expect((await stripe.prices.list({ lookup_keys: ['starter_month'] })).data.map((price) => price.id)).toEqual([id])
  })
})

describe('an idempotency key', () => {
  const options = { idempotencyKey: 'the-key' }

  it('brings back the first answer and does nothing again', async () => {
    await using scene = await openStripeScene()
    const first = await scene.stripe.customers.create({ email: 'a@example.com' }, options)
    const again = await scene.stripe.customers.create({ email: 'a@example.com' }, options)
    expect(again.id).toBe(first.id)
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId)
    expect((await scene.stripe.customers.list()).data).toHaveLength(1)
  })

  it('is refused with other parameters or at another place', async () => {
    await using scene = await openStripeScene()
    await scene.stripe.customers.create({ email: 'a@example.com' }, options)
    const refused = { type: 'StripeIdempotencyError', statusCode: 400 }
    await expect(scene.stripe.customers.create({ email: 'b@example.com' }, options)).rejects.toMatchObject(refused)
    await expect(scene.stripe.products.create({ name: 'a' }, options)).rejects.toMatchObject(refused)
  })

  it('brings back an error of an executed request too', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const asked = { customer: 'cus_none', configuration: 'bpc_none', return_url: 'http://localhost/' }
    for (const replayed of [undefined, 'true']) {
      await expect(stripe.billingPortal.sessions.create(asked, options)).rejects.toMatchObject({
        statusCode: 404,
        headers:
          replayed === undefined
            ? expect.not.objectContaining({ 'idempotent-replayed': 'true' })
            : { 'idempotent-replayed': replayed },
      })
    }
  })

  it.each(['nothing', 'all'] as const)('brings back a 500 that has done %s', async (does) => {
    await using scene = await openStripeScene()
    const { customers } = scene.stripe
    await scene.act('/outages', { status: 500, path: '/v1/customers', method: 'POST', does })
    await expect(customers.create({}, options)).rejects.toMatchObject({
      statusCode: 500,
      headers: { 'stripe-should-retry': 'false' },
    })
    await expect(customers.create({}, options)).rejects.toMatchObject({
      statusCode: 500,
      headers: { 'idempotent-replayed': 'true' },
    })
    expect((await customers.list()).data).toHaveLength(does === 'all' ? 1 : 0)
    await customers.create({}, { idempotencyKey: 'another-key' })
  })

  it.each([409, 429])('is free again after %d', async (status) => {
    await using scene = await openStripeScene()
    const { customers } = scene.stripe
    await scene.act('/outages', { status, times: 2, retryAfter: 3 })
    await expect(customers.create({}, options)).rejects.toMatchObject({
      statusCode: status,
      headers: { 'retry-after': '3' },
    })
    await fetch(`${scene.address}/outages`, { method: 'DELETE' })
    expect((await customers.create({}, options)).lastResponse.headers).not.toHaveProperty('idempotent-replayed')
  })

  it('is free again after a request that was not valid, and after a day', async () => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    await expect(stripe.products.create({ name: '' }, options)).rejects.toMatchObject({ statusCode: 400 })
    const { id } = await stripe.customers.create({}, options)
    expect((await stripe.customers.create({}, options)).id).toBe(id)
    scene.turnDays(1.1)
    expect((await stripe.customers.create({}, options)).id).not.toBe(id)
  })

  it('outlives the process', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises')
    const directory = await mkdtemp('/tmp/sitewright-stripe-')
    try {
      await using scene = await openStripeScene({ path: `${directory}/stripe.sqlite` })
      const { id } = await scene.stripe.customers.create({ email: 'a@example.com' }, options)
      await scene.restart()
      expect((await scene.stripe.customers.create({ email: 'a@example.com' }, options)).id).toBe(id)
      expect((await scene.stripe.customers.list()).data).toHaveLength(1)
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
