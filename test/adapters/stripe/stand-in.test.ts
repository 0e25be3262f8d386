import { expect, it } from 'vitest'
import type { AccountId } from '../../../core/ids.ts'
import { paymentsContract } from './contract.ts'
import { openOnStandIn } from './open-on-stand-in.ts'

paymentsContract('Stripe’s adapter before the stand-in', () => openOnStandIn())

it.each([
  ['DE08370400440532013003', 'done', 'active'],
  ['DE78370400440532013004', 'failed', 'incomplete'],
])('the payment of a checkout by direct debit from %s is delayed, then %s', async (card, outcome, status) => {
  const opened = await openOnStandIn()
  try {
    const { payments } = opened
    const accountId = 'acct_01jq3v5k8m0000000000000000'
    const customerId = await payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'customer' })
    const { id, payment } = await payments.openCheckout({
      ...{ accountId, customerId, siteId: 'site_01jq3v5k8m0000000000000000', idempotencyKey: 'checkout' },
      price: { plan: 'starter', interval: 'month', currency: 'EUR' },
      ...{ successUrl: 'http://localhost/paid', cancelUrl: 'http://localhost/back' },
    })
    expect(payment).toBe('done')
    await opened.act(`/checkout/${id}/pay`, { card })
    const look = async () => {
      const session = await payments.findCheckout(id)
      const subscription = await payments.getSubscription(session?.subscriptionId ?? '')
      return [session?.status, session?.payment, subscription?.status]
    }
    expect(await look()).toEqual(['complete', 'delayed', 'incomplete'])
    opened.turnDays(0.01)
    expect(await look()).toEqual(['complete', outcome, status])
  } finally {
    await opened.close()
  }
})

it('leaves no address of a redacted customer at Stripe', async () => {
  const { payments, stripe, close } = await openOnStandIn()
  const accountId: AccountId = 'acct_01jq3v5k8m0000000000000001'
  const id = await payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'a' })
  await payments.redactCustomer(id)
  expect(await stripe.customers.retrieve(id)).toMatchObject({ email: null, metadata: { accountId } })
  await close()
})
