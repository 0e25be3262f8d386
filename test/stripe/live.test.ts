import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { createStripeClient, modeOfKey } from '../../adapters/stripe/client.ts'
import { lifeContract } from '../adapters/stripe/life-contract.ts'
import { openSandbox, type Sandbox } from '../adapters/stripe/open-on-sandbox.ts'

const secretKey = process.env['STRIPE_SECRET_KEY'] ?? ''
if (modeOfKey(secretKey) !== 'test') throw new Error('STRIPE_SECRET_KEY has to be the key of a sandbox')

let sandbox: Sandbox | undefined
beforeAll(async () => {
  sandbox = await openSandbox(createStripeClient({ secretKey }), randomBytes(4).toString('hex'))
})
afterAll(() => sandbox?.close())

lifeContract('Stripe’s adapter before a sandbox of Stripe', async () => {
  if (sandbox === undefined) throw new Error('the sandbox has no catalogue')
  return sandbox.open()
})
