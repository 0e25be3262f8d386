import { describe, expect, it } from 'vitest'
import { apiAddress, createStripeClient, modeOfKey } from '../../../adapters/stripe/client.ts'
import { createPace } from '../../../adapters/stripe/pace.ts'
import { emptyList, ok, startScriptedServer } from './scripted-server.ts'

describe('the address of the API', () => {
  it.each([
    ['http://localhost:4000/_local/stripe', 'localhost', '4000', 'http'],
    ['https://stripe.example.com', 'stripe.example.com', '443', 'https'],
    ['http://[::1]/x/', '::1', '80', 'http'],
  ])('%s is read', (base, host, port, protocol) => {
    expect(apiAddress(base, createPace())).toMatchObject({ host, port, protocol })
  })

  it.each(['', 'localhost:4000', 'ftp://example.com', 'https://user:pass@example.com', 'https://example.com?x=1'])(
    '%j is none',
    (base) => {
      expect(() => apiAddress(base, createPace())).toThrow('has to be http:// or https://')
    },
  )

  it.each([
    ['/_local/stripe', '/_local/stripe/v1/customers'],
    ['/_local/stripe/', '/_local/stripe/v1/customers'],
    ['', '/v1/customers'],
  ])('%j is asked below its path', async (path, expected) => {
    const stripe = await startScriptedServer(() => ok(emptyList))
    await createStripeClient({ secretKey: 'sk_test_1', apiBase: `${stripe.apiBase}${path}` }).customers.list()
    await stripe.close()
    expect(stripe.asked.map(({ url }) => url)).toEqual([expected])
  })
})

describe('a secret key', () => {
  it.each([
    ['sk_test_a1', 'test'],
    ['rk_test_a1', 'test'],
    ['sk_live_a1', 'live'],
    ['rk_live_a1', 'live'],
  ])('%s is of %s mode', (key, mode) => {
    expect(modeOfKey(key)).toBe(mode)
  })

  it.each(['', 'pk_test_a1', 'sk_live_', 'sk_test_a b', 'whsec_a1', 'x sk_test_a1'])(
    '%j is none, and not repeated',
    (key) => {
      expect(() => createStripeClient({ secretKey: key })).toThrow('Stripe’s secret key has to start with')
      if (key.length > 8) expect(() => createStripeClient({ secretKey: key })).not.toThrow(key)
    },
  )
})
