import { afterEach, describe, expect, it } from 'vitest'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import { RefusedByStripe } from '../../../core/ports/payments.ts'
import config from '../../../sitewright.config.ts'
import {
  emptyList,
  fault,
  ok,
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts'

const secretKey = 'sk_test_veryverysecret'

let played: ScriptedServer | undefined
afterEach(() => played?.close())

const open = async (answer: Parameters<typeof startScriptedServer>[0], timeoutMilliseconds = 5000) => {
  played = await startScriptedServer(answer)
  const lines: string[] = []
  const line = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const payments = createStripePayments({
    stripe: createStripeClient({ secretKey, apiBase: played.apiBase, timeoutMilliseconds }),
    installation: 'sample',
    catalogue: config,
    log: { info: line('info'), warn: line('warn'), error: line('error') },
  })
  return { payments, lines, asked: played.asked }
}

/** What comes of a call that Stripe answers so. */
const failure = async (answer: ScriptedAnswer | undefined | Promise<undefined>, timeoutMilliseconds?: number) => {
  const { payments, lines } = await open(() => answer, timeoutMilliseconds)
  const error: unknown = await payments.setCancelAtPeriodEnd('sub_1', true).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { error: error as Error & { kind?: string; retryAfterSeconds?: number }, lines }
}

describe('where Stripe cannot do it now', () => {
  it.each([
    ['is busy', fault(429, { type: 'invalid_request_error', code: 'rate_limit' }), 2],
    ['is busy and says for how long', fault(429, { type: 'api_error' }, { 'retry-after': '17' }), 17],
    ['has locked the object', fault(429, { type: 'invalid_request_error', code: 'lock_timeout' }), 2],
    ['works on the same key', fault(409, { type: 'idempotency_error', code: 'idempotency_key_in_use' }), 2],
    ['is broken', fault(500, { type: 'api_error' }), 5],
    ['is away', fault(503, { type: 'api_error' }, { 'retry-after': '60' }), 60],
    ['hangs up', undefined, 5],
    ['answers a page', { status: 200, body: '', text: '<html>Sign in to this network</html>' }, 5],
    ['answers a number', ok(42), 5],
    ['answers nothing', ok(null), 5],
  ])('because it %s, the caller is told to come again', async (_, answer, seconds) => {
    const { error } = await failure(answer)
    expect(error).toMatchObject({ kind: 'Unavailable', retryAfterSeconds: seconds })
  })

  it('because it is slow, the caller is told to come again', async () => {
    const { error } = await failure(new Promise<undefined>(() => undefined), 200)
    expect(error).toMatchObject({ kind: 'Unavailable', retryAfterSeconds: 5 })
  })

  it('because nobody listens there, the caller is told to come again', async () => {
    const { payments } = await open(() => ok(emptyList))
    await played?.close()
    await expect(payments.subscriptionsOf('cus_1')).rejects.toMatchObject({ kind: 'Unavailable' })
  })

  it.each([401, 403])(
    'because it does not take our key (%d), operators get an alarm without the key',
    async (status) => {
      const { error, lines } = await failure(
        fault(status, { type: 'invalid_request_error', message: `Invalid API Key provided: ${secretKey}` }),
      )
      expect(error).toMatchObject({ kind: 'Unavailable', retryAfterSeconds: 60 })
      expect(lines).toEqual([expect.stringMatching(/^error Stripe does not accept our key.*"requestId":"req_sample"/)])
      expect(JSON.stringify([lines, error.message, error.stack, error.cause])).not.toContain('secret')
    },
  )
})

describe('a decline', () => {
  it('is told in the words for cardholders', async () => {
    const message = 'Your card has insufficient funds.'
    const { error } = await failure(fault(402, { type: 'card_error', code: 'card_declined', message }))
    expect(error).toMatchObject({ kind: 'PaymentDeclined', message })
  })

  it('is told without developer text where the bank wants a confirmation', async () => {
    const code = 'subscription_payment_intent_requires_action'
    const message = 'Payment can be completed using the PaymentIntent associated with `subscription.latest_invoice`.'
    const { error } = await failure(fault(402, { type: 'card_error', code, message }))
    expect(error).toMatchObject({ kind: 'PaymentDeclined', message: expect.stringContaining('Use another card') })
  })

  it.each([
    { type: 'card_error', message: 'The card 4000 0000 0000 9995 was declined.' },
    { type: 'card_error' },
    { type: 'card_error', code: 'payment_intent_action_required', message: 'Confirm the PaymentIntent with a client.' },
    { type: 'api_error', message: 'Balance insufficient on account acct_1.' },
  ])('is told without anything that is not for them: %j', async (body) => {
    const { error } = await failure(fault(402, body as Record<string, string>))
    expect(error).toMatchObject({ kind: 'PaymentDeclined', message: 'The payment was declined.' })
  })
})

it('a change whose reply is lost, or of which nothing can be read then, is not said to have charged nothing', async () => {
  const item = { id: 'si_1', price: { id: 'price_1', lookup_key: 'sitewright_starter_month_eur', metadata: {} } }
  const recurring = { interval: 'month', interval_count: 1 }
  const growth = {
    id: 'price_2',
    lookup_key: 'sitewright_growth_month_eur',
    unit_amount: 7900,
    currency: 'eur',
    recurring,
  }
  const subscription = { id: 'sub_1', object: 'subscription', status: 'active', items: { data: [item] }, metadata: {} }
  const { payments } = await open(({ method, url }) => {
    if (method === 'POST') return undefined
    return ok(url.startsWith('/v1/prices') ? { ...emptyList, data: [growth] } : subscription)
  })
  const change = payments.changePrice({
    subscriptionId: 'sub_1',
    price: { plan: 'growth', interval: 'month', currency: 'EUR' },
    idempotencyKey: 'plan-1',
  })
  const error: unknown = await change.catch((reason: unknown) => reason)
  expect(error).toMatchObject({ kind: 'Unavailable', message: expect.stringContaining('safely try again') })
  expect(String(error)).not.toContain('charged')
})

it('a permanent refusal is a clear 503 for owners and an alarm for operators, without an address', async () => {
  const { error, lines } = await failure(
    fault(400, {
      type: 'invalid_request_error',
      code: 'email_invalid',
      param: 'email',
      message: 'Invalid: ada@example.com',
    }),
  )
  expect(error).toBeInstanceOf(RefusedByStripe)
  expect(error).toMatchObject({
    kind: 'Unavailable',
    retryAfterSeconds: 60,
    message: expect.stringContaining('Try again later'),
    act: 'set the end of a subscription',
    code: 'email_invalid email',
    requestId: 'req_sample',
  })
  expect(JSON.stringify([lines, error.stack, error.cause])).not.toContain('@example.com')
  expect(lines).toEqual([expect.stringContaining('"event":"stripe-request-refused"')])
})

it.each([
  ['nothing', ok({})],
  ['no object', ok(null)],
  ['a list without its data', ok({ object: 'list' })],
  ['a page', { status: 200, body: '', text: '<html></html>' }],
])('an answer that is %s is a 503 for owners and an alarm for operators', async (_, answer) => {
  const { payments, lines } = await open(() => answer)
  const customer = {
    accountId: 'acct_01jq3v5k8m0000000000000000',
    email: 'ada@example.com',
    idempotencyKey: 'a',
  } as const
  for (const ask of [() => payments.openCustomer(customer), () => payments.subscriptionsOf('cus_1')]) {
    await expect(ask()).rejects.toMatchObject({ kind: 'Unavailable', retryAfterSeconds: 5 })
  }
  expect(lines).toHaveLength(2)
  for (const line of lines) expect(line).toContain('"event":"stripe-answer-unusable"')
})

describe('a subscription with something unknown', () => {
  const subscription = (id: string, facts: object = {}) => ({
    id,
    object: 'subscription',
    status: 'active',
    customer: 'cus_1',
    created: 1,
    cancel_at: null,
    cancel_at_period_end: false,
    items: { data: [{ id: 'si_1', price: { id: 'price_1', lookup_key: null, metadata: null } }] },
    metadata: { installation: 'sample', siteId: 'site_01jq3v5k8m0000000000000000' },
    ...facts,
  })
  const answers = (data: readonly object[]) =>
    open(({ url }) => ok(url.startsWith('/v1/subscriptions') ? { ...emptyList, data } : emptyList))

  it.each([{ status: 'hibernating' }, { items: null }])(
    '%j is unknown and reported, and the others are read',
    async (facts) => {
      const { payments, lines } = await answers([subscription('sub_1', facts), subscription('sub_2')])
      const unknown = { id: 'sub_1', siteId: expect.any(String), status: 'unknown', paidThrough: undefined }
      const both = [unknown, { id: 'sub_2', status: 'active' }]
      expect(await payments.subscriptionsOf('cus_1')).toMatchObject(both)
      const listed: object[] = []
      for await (const one of payments.listSubscriptions()) listed.push(one)
      expect(listed).toMatchObject(both)
      expect(lines).toHaveLength(2)
      for (const line of lines) expect(line).toMatch(/"event":"subscription-unreadable".*"subscriptionId":"sub_1"/)
    },
  )

  it('of which Stripe refuses to show the payments is listed as refused, and the others are read', async () => {
    const data = [subscription('sub_1'), subscription('sub_2', { customer: 'cus_2' })]
    const { payments } = await open(({ url }) => {
      if (url.startsWith('/v1/subscriptions')) return ok({ ...emptyList, data })
      return url.includes('cus_1')
        ? fault(400, { type: 'invalid_request_error', code: 'sample', message: 'No.' })
        : ok(emptyList)
    })
    const listed: object[] = []
    for await (const one of payments.listSubscriptions()) listed.push(one)
    expect(listed).toEqual([
      { id: 'sub_1', siteId: 'site_01jq3v5k8m0000000000000000', refused: expect.any(RefusedByStripe) },
      expect.objectContaining({ id: 'sub_2', customerId: 'cus_2' }),
    ])
  })

  it.each([
    [{ installation: 'sample' }, ['sub_1', 'sub_2']],
    [{}, ['sub_2']],
  ])('without metadata belongs to no site, and is listed if its customer has %j', async (metadata, ids) => {
    const data = [subscription('sub_1', { metadata: null }), subscription('sub_2')]
    const { payments, lines } = await open(({ url }) => {
      if (url.startsWith('/v1/subscriptions')) return ok({ ...emptyList, data })
      return ok(url.startsWith('/v1/customers') ? { id: 'cus_1', object: 'customer', metadata } : emptyList)
    })
    const read = await payments.subscriptionsOf('cus_1')
    expect(read.map(({ id, siteId, status }) => [id, siteId !== undefined, status])).toEqual([
      ['sub_1', false, 'unknown'],
      ['sub_2', true, 'active'],
    ])
    expect(lines).toEqual([expect.stringContaining('"event":"subscription-unreadable"')])
    const listed: string[] = []
    for await (const { id } of payments.listSubscriptions()) listed.push(id)
    expect(listed).toEqual(ids)
  })
})

it('a call whose reply was lost is repeated under the same key', async () => {
  let answers = 0
  const { payments, asked } = await open(({ method }) => {
    if (method === 'GET') return ok(emptyList)
    answers += 1
    return answers === 1 ? undefined : ok({ object: 'customer', id: 'cus_1' })
  })
  const opened = payments.openCustomer({
    accountId: 'acct_01jq3v5k8m0000000000000000',
    email: 'ada@example.com',
    idempotencyKey: 'customer-1',
  })
  expect(await opened).toBe('cus_1')
  expect(asked.filter(({ method }) => method === 'POST').map(({ idempotencyKey }) => idempotencyKey)).toEqual([
    'customer-1',
    'customer-1',
  ])
})

it.each([
  ['one has to keep its billing details', '', 'done'],
  ['one cannot be removed', '/detach', 'detach_refused'],
])('a redacted customer keeps no tax id and no other payment method where %s', async (_, act, outcome) => {
  const lists = { tax_ids: ['txi_1', 'txi_2'], payment_methods: ['pm_1', 'pm_2'] }
  const { payments, asked } = await open(({ method, url }) => {
    const ids = Object.entries(lists).flatMap(([part, of]) => (url.includes(`/cus_1/${part}`) ? of : []))
    if (method === 'GET') return ok({ ...emptyList, data: ids.map((id) => ({ id, object: 'x' })) })
    const refused = fault(400, { type: 'invalid_request_error', code: 'detach_refused' })
    return url === `/v1/payment_methods/pm_1${act}` ? refused : ok({ object: 'x' })
  })
  const redacted = payments.redactCustomer('cus_1').then(
    () => 'done',
    ({ code }: RefusedByStripe) => code,
  )
  expect(await redacted).toBe(outcome)
  expect(asked[0]?.body).toContain('business_name=&individual_name=')
  expect(asked.slice(1).flatMap(({ method, url, body }) => (method === 'GET' ? [] : [[method, url, body]]))).toEqual([
    ['DELETE', '/v1/customers/cus_1/tax_ids/txi_1', ''],
    ['DELETE', '/v1/customers/cus_1/tax_ids/txi_2', ''],
    ...['pm_1', 'pm_2'].flatMap((id) => [
      ['POST', `/v1/payment_methods/${id}`, expect.stringContaining('billing_details[name]=')],
      ['POST', `/v1/payment_methods/${id}/detach`, ''],
    ]),
  ])
})
