import { expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import type { ActiveSite, ArchivedSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import { billingFromStripe } from '../../../lambdas/billing/ask-billing.ts'
import { askGate } from '../../../lambdas/endings/end-site.ts'
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
    ...{ successUrl: 'http://localhost/', cancelUrl: 'http://localhost/' },
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
  const billing = billingFromStripe({
    ...{ ...scene.ports, payments, clocks, accounts: { get: async () => account } },
    checkouts: { find: async () => record as never },
  })
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
      const ports = { billing, brake: { isOn: async () => false }, policies: samplePolicies }
      const verdict = await askGate(ports, due, step, now())
      answers.push(verdict.isOpen ? 'open' : verdict.because)
    }
    return answers
  }
  const pay = (how: object) => stripe.act(`/checkout/${session.id}/pay`, how)
  return { ...stripe, gates, pay, sessionId: session.id }
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
