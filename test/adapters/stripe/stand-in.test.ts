import { expect, it } from 'vitest'
import type { AccountId } from '../../../core/ids.ts'
import { paymentsContract } from './contract.ts'
import { openOnStandIn } from './open-on-stand-in.ts'

paymentsContract('Stripe’s adapter before the stand-in', () => openOnStandIn())

it('leaves no address of a redacted customer at Stripe', async () => {
  const { payments, stripe, close } = await openOnStandIn()
  const accountId: AccountId = 'acct_01jq3v5k8m0000000000000001'
  const id = await payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'a' })
  await payments.redactCustomer(id)
  expect(await stripe.customers.retrieve(id)).toMatchObject({ email: null, metadata: { accountId } })
  await close()
})
