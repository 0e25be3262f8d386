import { expect, it } from 'vitest'
import type { AccountId } from '../../../core/ids.ts'
import { paymentsContract } from './contract.ts'
import { openOnStandIn } from './open-on-stand-in.ts'

paymentsContract('Stripe’s adapter before the stand-in', () => openOnStandIn())

const accountId: AccountId = 'acct_01jq3v5k8m0000000000000000'

const pay = async ({ payments, act }: Awaited<ReturnType<typeof openOnStandIn>>, key: string, card: string) => {
  const customerId = await payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'customer' })
  const { id, payment } = await payments.openCheckout({
    ...{ accountId, customerId, siteId: 'site_01jq3v5k8m0000000000000000', idempotencyKey: key },
    price: { plan: 'starter', interval: 'month', currency: 'EUR' },
    ...{ description: 'acme.sites.example', successUrl: 'http://localhost/paid', cancelUrl: 'http://localhost/back' },
  })
  expect(payment).toBe('done')
  await act(`/checkout/${id}/pay`, { card })
  return id
}

it.each([
  ['DE08370400440532013003', 'done', 'active'],
  ['DE78370400440532013004', 'failed', 'incomplete'],
])('the payment of a checkout by direct debit from %s is delayed, then %s', async (card, outcome, status) => {
  await using opened = await openOnStandIn()
  const { payments } = opened
  const id = await pay(opened, 'checkout', card)
  const check = async () => {
    const session = await payments.findCheckout(id)
    const subscription = await payments.getSubscription(session?.subscriptionId ?? '')
    return [session?.status, session?.payment, subscription?.status]
  }
  expect(await check()).toEqual(['complete', 'delayed', 'incomplete'])
  opened.turnDays(0.01)
  expect(await check()).toEqual(['complete', outcome, status])
})

it('tells a failed direct debit from another one of the same customer that waits', async () => {
  await using opened = await openOnStandIn()
  const failed = await pay(opened, 'one', 'DE78370400440532013004')
  opened.turnDays(0.01)
  const waiting = await pay(opened, 'two', 'DE08370400440532013003')
  expect(await opened.payments.findCheckout(failed)).toMatchObject({ payment: 'failed' })
  expect(await opened.payments.findCheckout(waiting)).toMatchObject({ payment: 'delayed' })
})

it('charges no card while what is overdue is held back, does so after that, and leaves what others stopped', async () => {
  await using opened = await openOnStandIn()
  const { payments, stripe, changeCard, turnDays, pause, resume } = opened
  const session = await pay(opened, 'checkout', '4242424242424242')
  const { subscriptionId = '' } = (await payments.findCheckout(session)) ?? {}
  const { customerId = '' } = (await payments.getSubscription(subscriptionId)) ?? {}
  await pause(subscriptionId, 'keep_as_draft')
  turnDays(32)
  await resume(subscriptionId)
  const stopped = async () =>
    (await stripe.invoices.list({ subscription: subscriptionId })).data.map((one) => [one.status, one.auto_advance])
  const [draft] = await stopped()
  expect(draft).toEqual(['draft', false])
  await changeCard(customerId, 'failing')
  turnDays(32)
  expect(await stopped()).toMatchObject([['open', true], draft, ['paid', false]])
  await payments.setCollection(subscriptionId, false)
  await changeCard(customerId, 'good')
  turnDays(7)
  expect(await payments.refundedOf(subscriptionId)).toMatchObject({ left: 1900 })
  await payments.setCollection(subscriptionId, true)
  expect(await stopped()).toMatchObject([['paid', false], draft, ['paid', false]])
  expect(await payments.refundedOf(subscriptionId)).toMatchObject({ left: 3800 })
  expect(await payments.getSubscription(subscriptionId)).toMatchObject({ status: 'active' })
})

it('leaves no address and no card of a redacted customer at Stripe, also where two redact it at once', async () => {
  await using opened = await openOnStandIn()
  const { payments, stripe } = opened
  await pay(opened, 'checkout', '4242424242424242')
  const { id } = (await stripe.customers.list()).data[0]!
  const methods = async () => (await stripe.customers.listPaymentMethods(id)).data.length
  expect(await methods()).toBe(1)
  await Promise.all([payments.redactCustomer(id), payments.redactCustomer(id)])
  expect(await methods()).toBe(0)
  expect(await stripe.customers.retrieve(id)).toMatchObject({ email: null, metadata: { accountId } })
})
