import { expect, it } from 'vitest'
import { createStripeClient } from '../../../adapters/stripe/client.ts'
import { createStripePayments } from '../../../adapters/stripe/stripe-payments.ts'
import config from '../../../sitewright.config.ts'
import type { ScriptedAnswer } from './scripted-server.ts'
import { fault, ok, startScriptedServer } from './scripted-server.ts'

const listOf = (url: string, thing: object) => ok({ object: 'list', data: [thing], has_more: false, url })
const charge = { id: 'ch_1', object: 'charge', amount_captured: 1900, amount_refunded: 0, currency: 'eur', created: 1 }
const payment = { type: 'payment_intent', payment_intent: { object: 'payment_intent', latest_charge: charge } }

const refund = async (answer: ScriptedAnswer) => {
  const server = await startScriptedServer(({ method, url }) => {
    if (method === 'POST') return answer
    return url.startsWith('/v1/invoices')
      ? listOf('/v1/invoices', { id: 'in_1', object: 'invoice', amount_paid: 1900 })
      : listOf('/v1/invoice_payments', { id: 'inpay_1', object: 'invoice_payment', payment })
  })
  const warned: string[] = []
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (_: object, text: string) => void warned.push(text),
  }
  const stripe = createStripeClient({ secretKey: 'sk_test_1', apiBase: server.apiBase })
  try {
    await createStripePayments({ stripe, installation: 'sample', catalogue: config, log }).refund('sub_1')
    return { warned, made: server.asked.flatMap(({ method, body }) => (method === 'POST' ? [body] : [])) }
  } finally {
    await server.close()
  }
}

it('refunds a charge in full', async () => {
  const { made, warned } = await refund(ok({ id: 're_1', object: 'refund', status: 'succeeded' }))
  expect(made).toEqual(['charge=ch_1&metadata[installation]=sample'])
  expect(warned).toEqual([])
})

it.each(['balance_insufficient', 'charge_disputed', 'charge_already_refunded'])(
  'leaves a charge as it is where Stripe refuses: %s',
  async (code) => {
    const refused = { type: 'invalid_request_error', code, message: 'No.' }
    expect((await refund({ status: 400, body: { error: refused } })).warned).toHaveLength(1)
  },
)

it('asks again later where Stripe is down', async () => {
  await expect(refund(fault(503, { type: 'api_error', message: 'Down.' }))).rejects.toMatchObject({
    kind: 'Unavailable',
  })
})
