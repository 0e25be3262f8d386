import { expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import type { ActiveSite, ArchivedSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import { billingFromStripe } from '../../../lambdas/billing/ask-billing.ts'
import { handleBillingEvent } from '../../../lambdas/billing/converge-site.ts'
import { reconcileBilling } from '../../../lambdas/billing/reconciliation/reconcile-billing.ts'
import { askGate } from '../../../lambdas/endings/gate.ts'
import { openOnStandIn } from '../../adapters/stripe/open-on-stand-in.ts'
import { archiveNumbered } from '../../core/site/kept-sites.ts'
import { billingScene } from '../../support/billing/billing-scene.ts'
import { samplePolicies, samplePolicy } from '../../support/sample-policy.ts'
import { siteSamples } from '../../support/site-samples.ts'

const growth = { plan: 'growth', interval: 'month', currency: 'EUR' } as const
const accounts = { accepted: 'DE08370400440532013003', declined: 'DE78370400440532013004' }

/** The gates of a site whose trial is over, at the stand-in for Stripe, by whose clock everything goes. */
const atStandIn = async () => {
  const scene = billingScene()
  const stripe = await openOnStandIn()
  const { payments, now } = stripe
  const { id } = scene.open({ trialEndsAt: plusDays(now(), -400), reminded: [1] })
  const site = scene.site(id) as ActiveSite
  const { accountId } = site.ownership
  const customerId = await payments.openCustomer({ accountId, email: 'ada@example.com', idempotencyKey: 'customer' })
  const account = { ...(await scene.ports.accounts.get(accountId)), customerId } as never
  const session = await payments.openCheckout({
    ...{ siteId: id, accountId, customerId, price: growth, idempotencyKey: 'checkout' },
    ...{ description: 'acme.sites.example', successUrl: 'http://localhost/', cancelUrl: 'http://localhost/' },
  })
  const record = {
    schemaVersion: 1,
    siteId: id,
    version: 1,
    customerId,
    ...growth,
    amount: 7900,
    sessionId: session.id,
  }
  const clocks = { domain: now, wall: now }
  const ports = {
    ...{ ...scene.ports, payments, clocks, accounts: { get: async () => account } },
    checkouts: { find: async () => record as never },
  }
  const billing = billingFromStripe(ports)
  const { ownership, trialEndsAt } = site
  const facts = { id, ownership, trialEndsAt, archives: [archiveNumbered(1)] }
  const suspended: SuspendedSite = { ...siteSamples.suspended, ...facts, suspendedAt: plusDays(now(), -300) }
  const archived: ArchivedSite = {
    ...{ ...siteSamples.archived, ...facts, archivedAt: plusDays(now(), -samplePolicy.retentionDays - 1) },
    warned: [14, 3],
  }
  const gates = async () => {
    const answers: (string | undefined)[] = []
    const steps = [
      ['suspend', site],
      ['archive', suspended],
      ['purge', archived],
    ] as const satisfies readonly (readonly [string, Site])[]
    for (const [step, due] of steps) {
      const asked = { billing, brake: { isOn: async () => false }, policies: samplePolicies }
      const verdict = await askGate(asked, due, step, now())
      answers.push(verdict.isOpen ? 'open' : verdict.because)
    }
    return answers
  }
  const pay = (how: object) => stripe.act(`/checkout/${session.id}/pay`, how)
  const subscriptionId = async () => String((await payments.findCheckout(session.id))?.subscriptionId)
  return {
    ...{ ...stripe, gates, pay, id, scene, subscriptionId, sessionId: session.id },
    learn: (notice: object) => handleBillingEvent(ports, scene.noticed(notice)),
    reconcile: () => reconcileBilling(ports, 'daily'),
  }
}

it.each([
  ['accepted', ['paid', 'paid', 'paid']],
  ['declined', ['open', 'open', 'open']],
] as const)('takes no data while a bank decides about a direct debit, which is %s', async (outcome, after) => {
  const { gates, pay, turnDays, close } = await atStandIn()
  expect(await gates()).toEqual(['open', 'open', 'open'])
  await pay({ card: accounts[outcome] })
  expect(await gates()).toEqual(['open', 'unknown', 'unknown'])
  await turnDays(0.01)
  expect(await gates()).toEqual(after)
  await close()
})

it('takes no data between a payment and its subscription', async () => {
  const { gates, pay, act, sessionId, close } = await atStandIn()
  await pay({ card: '4242424242424242', isSubscribed: false })
  expect(await gates()).toEqual(['open', 'unknown', 'unknown'])
  await act(`/checkout/${sessionId}/subscribe`, {})
  expect(await gates()).toEqual(['paid', 'paid', 'paid'])
  await close()
})

it('reports each chargeback once, though it is lost when it is made, and lists its site until the subscription has ended', async () => {
  const { pay, act, turnDays, learn, reconcile, scene, id, payments, subscriptionId, close } = await atStandIn()
  await pay({ card: '4242424242424242' })
  const subscription = await subscriptionId()
  await learn({ siteId: id, subscriptionId: subscription })
  const chargeback = async () => {
    const { json } = await act('/disputes', { subscription, outcome: 'lost' })
    const disputeId = String(json['id'])
    for (const type of ['charge.dispute.created', 'charge.dispute.closed']) await learn({ disputeId, type })
    await reconcile()
    return scene.log.lines.filter(({ fields }) => fields['event'] === 'payment-disputed').length
  }
  expect(await chargeback()).toBe(1)
  expect(scene.site(id)).toMatchObject({ status: 'active', billing: { state: 'active', isDisputed: false } })
  await turnDays(32)
  expect(await chargeback()).toBe(2)
  expect((await reconcile()).disputed).toEqual([id])
  expect(await payments.refundedOf(subscription)).toMatchObject({ left: 0 })
  await payments.cancel(subscription)
  expect((await reconcile()).disputed).toEqual([])
  await close()
})
