import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { signPayload } from '../../packages/stripe-stand-in/webhooks.ts'
import { call } from '../e2e/call.ts'
import { turnedNow } from './support/clock.ts'

const front = { port: inject('port') }
const secret = 'whsec_of_the_deployed_endpoint'

describe('the deployed endpoint for Stripe', () => {
  beforeAll(async () => {
    // As docs/deploy.md tells the operator.
    const SecretId = 'sitewright-production/stripe-webhook'
    await new SecretsManagerClient().send(new PutSecretValueCommand({ SecretId, SecretString: secret }))
  })

  const send = async (signedWith: string) => {
    const now = Math.floor((await turnedNow()) / 1000)
    const body = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type: 'customer.subscription.updated',
      created: now,
      livemode: false,
      data: { object: { id: 'sub_1', object: 'subscription', customer: 'cus_1' } },
    })
    const signature = signPayload(body, signedWith, now)
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
    return call(front, { method: 'POST', path: '/v1/webhooks/stripe', headers, body })
  }

  it('takes an event that is signed with its secret', async () => {
    const { status, text } = await send(secret)
    expect(status, text).toBe(200)
  })

  it('refuses an event that is signed with another', async () => {
    expect((await send('whsec_of_somebody_else')).status).toBe(400)
  })
})
