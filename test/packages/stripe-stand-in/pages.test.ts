import { describe, expect, it } from 'vitest'
import { money } from '#stripe-stand-in/page.ts'
import { moneyText } from '../../../core/plan/money.ts'
import { buy, cards, fillCatalogue, openStripeScene, type StripeScene } from './scene.ts'

/** Sends a form as a browser does, and does not follow where it leads. */
const send = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) })

const openSession = async (
  { stripe }: StripeScene,
  given?: Awaited<ReturnType<typeof fillCatalogue>>,
  plan: 'starter' | 'growth' = 'starter',
) => {
  const { customer, [plan]: chosen } = given ?? (await fillCatalogue(stripe))
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [{ price: chosen.month.id, quantity: 1 }],
    success_url: 'http://localhost/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://localhost/back?a=1&b="',
  })
}

describe('the payment page', () => {
  it('says an amount in every currency as the console does', () => {
    const currencies = Intl.supportedValuesOf('currency')
    const said = (currency: string) => moneyText({ amount: 790_000, currency }, 'en')
    expect(currencies.map((one) => money(790_000, one.toLowerCase()))).toEqual(currencies.map(said))
  })

  it('says what is bought, takes a card and leads back', async () => {
    await using scene = await openStripeScene()
    const session = await openSession(scene)
    const page = await fetch(session.url!)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    for (const text of ['€19.00 per month', 'Due today', 'Pay €19.00']) expect(html).toContain(text)
    expect(html).toContain('a=1&amp;b=&quot;')
    const paid = await send(session.url!, { card: cards.good })
    expect([paid.status, paid.headers.get('location')]).toEqual([303, `http://localhost/done?session=${session.id}`])
    expect(await (await fetch(`${scene.address}/pay/${session.id}`)).text()).toContain('complete')
  })

  it('says when the next charge is, as the subscription then says', async () => {
    await using scene = await openStripeScene()
    const session = await openSession(scene)
    const html = await (await fetch(session.url!)).text()
    await send(session.url!, { card: cards.good })
    const { subscription } = await scene.stripe.checkout.sessions.retrieve(session.id)
    const { items } = await scene.stripe.subscriptions.retrieve(String(subscription))
    const end = new Date((items.data[0]?.current_period_end ?? 0) * 1000)
    const next = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(end)
    expect(html).toContain(`Next charge, on ${next}`)
  })

  it.each([
    ['a part', 'growth', true],
    ['all', 'starter', false],
  ] as const)("says that the customer's credit pays %s, and charges the rest", async (_, plan, isDue) => {
    await using scene = await openStripeScene()
    const { stripe } = scene
    const catalogue = await fillCatalogue(stripe)
    const { customer, starter, growth } = catalogue
    const { subscriptionId } = await buy(scene, { customer: customer.id, price: growth.month.id })
    const { items } = await stripe.subscriptions.retrieve(subscriptionId)
    await stripe.subscriptions.update(subscriptionId, {
      items: [{ id: items.data[0]!.id, price: starter.month.id }],
      ...{ proration_behavior: 'always_invoice', payment_behavior: 'error_if_incomplete' },
    })
    const session = await openSession(scene, catalogue, plan)
    const html = await (await fetch(session.url!)).text()
    await send(session.url!, { card: cards.good })
    const { invoice } = await stripe.checkout.sessions.retrieve(session.id)
    const { amount_due: due, total } = await stripe.invoices.retrieve(String(invoice))
    expect(due > 0).toBe(isDue)
    expect(html).toContain(`Applied balance</td><td>${money(due - total, 'eur')}<`)
    expect(html).toContain(`Due today</td><td>${money(due, 'eur')}<`)
    expect(html).toContain(`<button>Pay ${money(due, 'eur')}</button>`)
  })

  it('says why a card is declined, and lets another be tried', async () => {
    await using scene = await openStripeScene()
    const session = await openSession(scene)
    const refused = await send(session.url!, { card: cards.insufficient })
    expect(refused.status).toBe(402)
    const html = await refused.text()
    expect(html).toContain('Your card has insufficient funds.')
    expect(html).toContain('<form method="post">')
    expect(await (await send(session.url!, { card: '1234' })).text()).toContain('Your card number is incorrect.')
    expect((await send(session.url!, { card: cards.good })).status).toBe(303)
  })

  it('keeps no card number', async () => {
    await using scene = await openStripeScene()
    const session = await openSession(scene)
    await send(session.url!, { card: cards.good })
    const events = JSON.stringify((await scene.stripe.events.list({ limit: 100 })).data)
    expect(events).not.toContain('4242424242424242')
    expect(events).not.toContain(cards.good)
  })

  it('is of no session that is not there', async () => {
    await using scene = await openStripeScene()
    expect((await fetch(`${scene.address}/pay/cs_test_none`)).status).toBe(404)
  })
})

const features = {
  payment_method_update: { enabled: true },
  invoice_history: { enabled: true },
  subscription_cancel: { enabled: true, mode: 'at_period_end' },
} as const

describe('the portal', () => {
  const open = async (scene: StripeScene) => {
    const { stripe } = scene
    const { customer, starter } = await fillCatalogue(stripe)
    const { subscriptionId } = await buy(scene, { customer: customer.id, price: starter.month.id })
    const configuration = await stripe.billingPortal.configurations.create({
      features,
      metadata: { installation: 'i' },
    })
    const { url } = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      configuration: configuration.id,
      return_url: 'http://localhost/site',
    })
    return { url, subscriptionId, customerId: customer.id }
  }

  it('shows subscription, card and invoices', async () => {
    await using scene = await openStripeScene()
    const { url } = await open(scene)
    const html = await (await fetch(url)).text()
    for (const part of ['starter', 'active', 'ending in 4242', '€19.00', 'paid', 'http://localhost/site']) {
      expect(html).toContain(part)
    }
  })

  it('tells subscriptions of the same plan apart', async () => {
    await using scene = await openStripeScene()
    const { url, subscriptionId, customerId } = await open(scene)
    const { items } = await scene.stripe.subscriptions.retrieve(subscriptionId)
    await buy(scene, { customer: customerId, price: items.data[0]!.price.id, siteId: 'site_2' })
    const html = await (await fetch(url)).text()
    for (const site of ['site_1', 'site_2']) expect(html).toContain(`<p>${site}.example</p>`)
  })

  it('cancels at the end of the period, by a date, and takes that back', async () => {
    await using scene = await openStripeScene()
    const { url, subscriptionId } = await open(scene)
    expect((await send(url, { action: 'cancel', subscription: subscriptionId })).status).toBe(200)
    const set = await scene.stripe.subscriptions.retrieve(subscriptionId)
    expect([set.cancel_at, set.cancel_at_period_end]).toEqual([set.items.data[0]?.current_period_end, false])
    await send(url, { action: 'resume', subscription: subscriptionId })
    expect((await scene.stripe.subscriptions.retrieve(subscriptionId)).cancel_at).toBeNull()
    await send(url, { action: 'cancel', subscription: subscriptionId })
    scene.turnDays(33)
    expect((await scene.stripe.subscriptions.retrieve(subscriptionId)).status).toBe('canceled')
  })

  it('changes the card', async () => {
    await using scene = await openStripeScene()
    const { url, customerId } = await open(scene)
    expect((await send(url, { action: 'card', card: cards.declined })).status).toBe(402)
    expect((await send(url, { action: 'card', card: '5555555555554444' })).status).toBe(200)
    const customer = await scene.stripe.customers.retrieve(customerId, {
      expand: ['invoice_settings.default_payment_method'],
    })
    expect(customer).toMatchObject({
      invoice_settings: { default_payment_method: { card: { brand: 'mastercard', last4: '4444' } } },
    })
  })

  it('leads to the invoice of a renewal that the bank wants confirmed', async () => {
    await using scene = await openStripeScene()
    const { url, subscriptionId } = await open(scene)
    await send(url, { action: 'card', card: cards.authenticates })
    scene.turnDays(32)
    const statusNow = async () => (await scene.stripe.subscriptions.retrieve(subscriptionId)).status
    expect(await statusNow()).toBe('past_due')
    const links = (await (await fetch(url)).text()).matchAll(/<a href="(?<to>[^"]+)">(?<status>open|paid)</g)
    const invoices = [...links].map(({ groups }) => groups)
    expect(invoices.map((invoice) => invoice?.['status'])).toEqual(['open', 'paid'])
    expect(await (await fetch(invoices[1]?.['to'] ?? '')).text()).toContain('Receipt')
    expect((await send(invoices[0]?.['to'] ?? '', {})).status).toBe(200)
    expect(await statusNow()).toBe('active')
  })

  it('touches nobody else', async () => {
    await using scene = await openStripeScene()
    const { url } = await open(scene)
    const other = await scene.stripe.customers.create({})
    const { data } = await scene.stripe.prices.list({ lookup_keys: ['growth_month'] }).catch(() => ({ data: [] }))
    const { subscriptionId } = await buy(scene, { customer: other.id, price: data[0]!.id })
    expect((await send(url, { action: 'cancel', subscription: subscriptionId })).status).toBe(402)
    expect((await scene.stripe.subscriptions.retrieve(subscriptionId)).cancel_at).toBeNull()
  })
})
