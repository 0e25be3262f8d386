import { afterAll, describe, expect, it } from 'vitest'
import type { DomainEvent } from '../../../core/events/event.ts'
import { type Payments, RefusedByStripe } from '../../../core/ports/payments.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import { changeBilling } from '../../../lambdas/billing/change-billing.ts'
import { handleBillingEvent } from '../../../lambdas/billing/converge-site.ts'
import { paymentActsPerHour } from '../../../lambdas/billing/purchase/admit-payment-act.ts'
import { confirmPurge } from '../../../lambdas/endings/purge-site.ts'
import { routeOf } from '../../../web/sign-up/routes.ts'
import type { Fault } from '../../support/billing/payments-model.ts'
import { samplePolicy } from '../../support/sample-policy.ts'
import { billing } from '../billing/subscriptions.ts'
import { type BillingScene, openBillingScene } from '../billing-scene.ts'

let storedMiB: number | undefined

const scene = await openBillingScene(() => ({
  meter: { measure: async () => (storedMiB === undefined ? undefined : storedMiB * 1_048_576) },
}))
afterAll(async () => scene?.stage[Symbol.asyncDispose]())

type Order = Parameters<Payments['openCheckout']>[0]

const monthly = { plan: 'starter', interval: 'month' }
const problem = (kind: string, status: number) => ({ status, json: { type: `urn:sitewright:problem:${kind}` } })
const sessionsOf = (siteId: string) => scene.stage.stripe.sessions.filter(({ order }) => order.siteId === siteId)

describe('an open checkout', () => {
  const said = (type: 'AccountClosed' | 'SitePurged' | 'RelocationConfirmed', id: string): DomainEvent =>
    ({ schemaVersion: 1, type, aggregate: { type: type === 'AccountClosed' ? 'account' : 'site', id } }) as never
  const hear = (event: DomainEvent) => {
    const { store, stripe } = scene.stage
    return handleBillingEvent({ ...store, payments: stripe.payments, sites: silentSites(store.sites) } as never, event)
  }
  /** Convergence is another matter. */
  const silentSites = (sites: BillingScene['stage']['store']['sites']) => ({ ...sites, get: async () => undefined })

  it('is expired when the owner closes the account, and those of others are not', async () => {
    const [gone, other] = [await scene.newOwner(), await scene.newOwner()]
    for (const { owner, site } of [gone, other]) await scene.ask(owner, site, 'checkout', monthly)
    await hear(said('AccountClosed', gone.owner.accountId))
    await hear(said('AccountClosed', gone.owner.accountId))
    expect([gone, other].map(({ site }) => sessionsOf(site.id)[0]?.status)).toEqual(['expired', 'open'])
  })

  it('is expired when the site is purged', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    await hear(said('SitePurged', site.id))
    expect(sessionsOf(site.id)[0]?.status).toBe('expired')
  })

  it('is expired when a contract begins to cover the site, and not after another relocation', async () => {
    const [agreed, moved] = [await scene.newOwner(), await scene.newOwner()]
    const contract = { number: '4711', firstDay: '2026-03-01', lastDay: '2027-03-01' }
    const { store, stripe } = scene.stage
    for (const { owner, site } of [agreed, moved]) {
      await scene.ask(owner, site, 'checkout', monthly)
      const record = await store.sites.get(site.id)
      const confirmed = [undefined, { ...record, ...(site === agreed.site && { contract }) }]
      // Convergence is another matter: it looks first, and finds none.
      const sites = { ...store.sites, get: async () => confirmed.shift() }
      const event = said('RelocationConfirmed', site.id)
      await handleBillingEvent({ ...store, payments: stripe.payments, sites } as never, event)
    }
    expect([agreed, moved].map(({ site }) => sessionsOf(site.id)[0]?.status)).toEqual(['expired', 'open'])
  })

  it('is tried again while Stripe does not answer', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    scene.stage.stripe.fail('expireCheckout', 'before')
    await expect(hear(said('SitePurged', site.id))).rejects.toMatchObject({ kind: 'Unavailable' })
    await hear(said('SitePurged', site.id))
    expect(sessionsOf(site.id)[0]?.status).toBe('expired')
  })
})

describe('a checkout', () => {
  it('opens for the site with the choice and the account’s customer', async () => {
    const { owner, email, site } = await scene.newOwner()
    const answer = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'year', currency: 'USD' })
    const [session] = sessionsOf(site.id)
    expect(answer).toMatchObject({
      status: 201,
      json: { id: session?.id, url: `https://stripe.example/pay/${session?.id}` },
    })
    expect(session?.order).toMatchObject({
      siteId: site.id,
      accountId: owner.accountId,
      price: { plan: 'growth', interval: 'year', currency: 'USD' },
      description: site.ownership.hostname,
      successUrl: `http://localhost:4000/#/bought/${site.id}`,
      cancelUrl: `http://localhost:4000/#/sites/${site.id}?part=plans`,
    })
    // The start page would count a visit.
    expect(routeOf(new URL(session?.order.cancelUrl ?? '').hash)).toMatchObject({ name: 'owner' })
    const account = await scene.stage.store.accounts.get(owner.accountId)
    expect(account).toMatchObject({ customerId: session?.order.customerId, version: 2 })
    expect(JSON.stringify(account)).not.toContain(email)
  })

  it('defaults to the first currency of the plan', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    expect(sessionsOf(site.id)[0]?.order.price.currency).toBe('EUR')
  })

  it('returns the same checkout for the same choice', async () => {
    const { owner, site } = await scene.newOwner()
    const first = await scene.ask(owner, site, 'checkout', monthly)
    const second = await scene.ask(owner, site, 'checkout', { ...monthly, currency: 'EUR' })
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.json).toEqual(first.json)
    expect(sessionsOf(site.id)).toHaveLength(1)
  })

  it('replaces a checkout that began at another amount, so that nobody pays it', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    const { checkouts } = scene.stage.store
    const record = (await checkouts.find(site.id))!
    expect(record.amount).toBe(1900)
    await checkouts.begin({ ...record, version: record.version + 1, amount: 1 })
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(201)
    expect(sessionsOf(site.id).map(({ status }) => status)).toEqual(['expired', 'open'])
    expect(await checkouts.find(site.id)).toMatchObject({ amount: 1900 })
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(200)
  })

  it('replaces the checkout for another choice; never two are open', async () => {
    const { owner, site } = await scene.newOwner()
    const requests = [
      monthly,
      { plan: 'starter', interval: 'year' },
      { plan: 'growth', interval: 'year' },
      { ...monthly, currency: 'USD' },
    ]
    for (const request of requests) {
      expect((await scene.ask(owner, site, 'checkout', request)).status).toBe(201)
      expect(sessionsOf(site.id).filter(({ status }) => status === 'open')).toHaveLength(1)
    }
    expect(sessionsOf(site.id).map(({ status }) => status)).toEqual(['expired', 'expired', 'expired', 'open'])
  })

  it('opens one checkout for concurrent requests', async () => {
    const { owner, site } = await scene.newOwner()
    const answers = await Promise.all(Array.from({ length: 8 }, () => scene.ask(owner, site, 'checkout', monthly)))
    for (const { status } of answers) expect([200, 201]).toContain(status)
    expect(new Set(answers.map(({ json }) => json['id'])).size).toBe(1)
    expect(sessionsOf(site.id)).toHaveLength(1)
  })

  it('leaves one checkout open after concurrent different requests', async () => {
    const { owner, site } = await scene.newOwner()
    const requests = [monthly, { plan: 'growth', interval: 'month' }, { plan: 'growth', interval: 'year' }]
    const answers = await Promise.all(requests.map((request) => scene.ask(owner, site, 'checkout', request)))
    for (const { status } of answers) expect([200, 201, 409]).toContain(status)
    expect(sessionsOf(site.id).filter(({ status }) => status === 'open').length).toBeLessThanOrEqual(1)
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBeLessThan(300)
    expect(sessionsOf(site.id).filter(({ status }) => status === 'open')).toHaveLength(1)
  })

  it('opens a new checkout after the old one expired', async () => {
    const { owner, site } = await scene.newOwner()
    const first = await scene.ask(owner, site, 'checkout', monthly)
    sessionsOf(site.id)[0]!.status = 'expired'
    const second = await scene.ask(owner, site, 'checkout', monthly)
    expect(second.status).toBe(201)
    expect(second.json['id']).not.toBe(first.json['id'])
  })

  it('is refused if just paid, and the site gets its plan', async () => {
    const { owner, site } = await scene.newOwner()
    const { json } = await scene.ask(owner, site, 'checkout', monthly)
    scene.stage.stripe.pay(String(json['id']))
    const again = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })
    expect(again).toMatchObject(problem('transition-not-allowed', 409))
    expect(again.json['detail']).toContain('Change its plan instead')
    expect(await scene.stored(site)).toMatchObject({ plan: 'starter', billing: { state: 'active' } })
    expect(scene.stage.stripe.ofSite(site.id)).toHaveLength(1)
  })

  it('is refused if paid during its replacement', async () => {
    const { owner, site } = await scene.newOwner()
    const { json } = await scene.ask(owner, site, 'checkout', monthly)
    const { payments, pay } = scene.stage.stripe
    const { expireCheckout } = payments
    Object.assign(payments, {
      expireCheckout: (id: string) => {
        pay(id)
        Object.assign(payments, { expireCheckout })
        return expireCheckout(id)
      },
    })
    const other = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })
    expect(other).toMatchObject(problem('transition-not-allowed', 409))
    expect(sessionsOf(site.id)).toHaveLength(1)
    expect(json['id']).toBe(sessionsOf(site.id)[0]?.id)
  })

  it('is refused while the site has a subscription', async () => {
    const { owner, site } = await scene.newOwner()
    const { id } = await scene.buy(owner, site)
    const refused = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })
    expect(refused).toMatchObject(problem('transition-not-allowed', 409))
    scene.stage.stripe.change(id, { status: 'canceled' })
    await scene.converge(site)
    expect((await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })).status).toBe(201)
  })

  it('is refused while a subscription that may be of the site cannot be read', async () => {
    const { owner, site } = await scene.newOwner()
    const { id } = await scene.buy(owner, site)
    scene.stage.stripe.change(id, { status: 'canceled' })
    await scene.converge(site)
    scene.stage.stripe.change(id, { status: 'unknown' })
    expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject(problem('unavailable', 503))
    scene.stage.stripe.change(id, { status: 'canceled' })
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(201)
  })

  it('keeps the currency of earlier purchases', async () => {
    const { owner, site } = await scene.newOwner()
    const { id } = await scene.buy(owner, site, { ...monthly, currency: 'USD' })
    scene.stage.stripe.change(id, { status: 'canceled' })
    await scene.converge(site)
    const other = await scene.ask(owner, site, 'checkout', { ...monthly, currency: 'EUR' })
    expect(other).toMatchObject(problem('invalid-request', 400))
    expect(other.json['errors']).toMatchObject([{ path: 'currency', message: expect.stringContaining('USD') }])
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(201)
    expect(sessionsOf(site.id).at(-1)?.order.price.currency).toBe('USD')
    expect(await scene.stage.store.accounts.get(owner.accountId)).toMatchObject({ currency: 'USD', version: 3 })
  })
})

describe('another choice after a card was declined', () => {
  const yearly = { plan: 'growth', interval: 'year' }
  const decline = (json: Record<string, unknown>) =>
    expect(scene.stage.stripe.pay(String(json['id']), 'failing')).toBeUndefined()

  it('opens a checkout, and the earlier one cannot be paid any more', async () => {
    const { owner, site } = await scene.newOwner()
    const { json } = await scene.ask(owner, site, 'checkout', monthly)
    decline(json)
    const other = await scene.ask(owner, site, 'checkout', yearly)
    expect(other.status).toBe(201)
    expect(scene.stage.stripe.pay(String(json['id']))).toBeUndefined()
    scene.stage.stripe.pay(String(other.json['id']))
    await scene.converge(site)
    expect(await scene.stored(site)).toMatchObject({ plan: 'growth', billing: { state: 'active', interval: 'year' } })
  })

  it('may use another currency, since nothing was bought', async () => {
    const { owner, site } = await scene.newOwner()
    for (const currency of ['EUR', 'USD', 'EUR']) {
      const { status, json } = await scene.ask(owner, site, 'checkout', { ...yearly, currency })
      expect(status).toBe(201)
      decline(json)
    }
    expect(await scene.stage.store.accounts.get(owner.accountId)).not.toHaveProperty('currency')
  })

  it('keeps the open checkout for the same choice', async () => {
    const { owner, site } = await scene.newOwner()
    const { json } = await scene.ask(owner, site, 'checkout', monthly)
    decline(json)
    expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject({ status: 200, json: { id: json['id'] } })
  })
})

describe('a checkout that is paid and has no subscription yet', () => {
  const yearly = { plan: 'growth', interval: 'year' }

  it.each([monthly, yearly])('refuses %j for a moment, so that nobody pays twice', async (request) => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    const [session] = sessionsOf(site.id)
    session!.status = 'complete'
    const refused = await scene.ask(owner, site, 'checkout', request)
    expect(refused).toMatchObject({ ...problem('unavailable', 503), headers: { 'retry-after': '5' } })
    expect(sessionsOf(site.id)).toHaveLength(1)
    session!.status = 'open'
    scene.stage.stripe.pay(session!.id)
    expect(await scene.ask(owner, site, 'checkout', request)).toMatchObject(problem('transition-not-allowed', 409))
    expect(await scene.stored(site)).toMatchObject({ plan: 'starter', billing: { state: 'active' } })
  })

  it('refuses another choice also if it was paid during its replacement', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    const { payments } = scene.stage.stripe
    const { expireCheckout } = payments
    Object.assign(payments, {
      expireCheckout: (id: string) => {
        sessionsOf(site.id)[0]!.status = 'complete'
        Object.assign(payments, { expireCheckout })
        return expireCheckout(id)
      },
    })
    expect(await scene.ask(owner, site, 'checkout', yearly)).toMatchObject(problem('unavailable', 503))
    expect(sessionsOf(site.id)).toHaveLength(1)
  })
})

describe('a checkout paid by direct debit', () => {
  /** @param status of the subscription that Stripe made; undefined for none. */
  const payByDebit = async (payment: 'delayed' | 'failed', status?: 'active' | 'incomplete') => {
    const { owner, site } = await scene.newOwner()
    const shown = async () => {
      const { headers } = owner
      const path = `/v1/sites/${site.id}/checkout`
      return (await scene.stage.send({ method: 'GET', path, headers })).json['payment']
    }
    expect(await shown()).toBe('none')
    await scene.ask(owner, site, 'checkout', monthly)
    expect(await shown()).toBe('none')
    const [session] = sessionsOf(site.id)
    const { customerId, price } = session!.order
    Object.assign(session!, { status: 'complete', payment })
    if (status !== undefined) {
      session!.subscription = scene.stage.stripe.create({ customerId, price, siteId: site.id })
      scene.stage.stripe.change(session!.subscription, { status })
    }
    expect(await shown()).toBe(payment)
    return { site, answer: await scene.ask(owner, site, 'checkout', monthly) }
  }

  it.each([undefined, 'incomplete'] as const)('waits for the bank, with a subscription that is %s', async (status) => {
    const { site, answer } = await payByDebit('delayed', status)
    expect(answer).toMatchObject(problem('transition-not-allowed', 409))
    expect(answer.json['detail']).toContain('Your bank needs some days')
    expect(sessionsOf(site.id)).toHaveLength(1)
  })

  it.each([undefined, 'incomplete'] as const)('can be repeated if it failed and left %s', async (status) => {
    const { site, answer } = await payByDebit('failed', status)
    expect(answer.status).toBe(201)
    expect(sessionsOf(site.id)).toHaveLength(2)
  })

  it.each(['delayed', 'failed'] as const)('is not repeated while Stripe lets it run, %s', async (payment) => {
    const { site, answer } = await payByDebit(payment, 'active')
    expect(answer).toMatchObject(problem('transition-not-allowed', 409))
    expect(answer.json['detail']).toContain('already has a subscription')
    expect(sessionsOf(site.id)).toHaveLength(1)
  })
})

describe('a customer unknown to Stripe', () => {
  const yearly = { plan: 'growth', interval: 'year' }
  const customerOf = async ({ accountId }: { readonly accountId: `acct_${string}` }) =>
    String((await scene.stage.store.accounts.get(accountId))?.customerId)

  it.each([monthly, yearly])('is replaced for a checkout of %j', async (request) => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    const before = await customerOf(owner)
    scene.stage.stripe.deleteCustomer(before)
    const answers = await Promise.all([1, 2, 3].map(() => scene.ask(owner, site, 'checkout', request)))
    for (const { status } of answers) expect([200, 201]).toContain(status)
    const after = await customerOf(owner)
    expect(after).not.toBe(before)
    expect(sessionsOf(site.id).filter(({ status }) => status === 'open')).toMatchObject([
      { order: { customerId: after } },
    ])
    expect(await scene.stage.store.accounts.get(owner.accountId)).toMatchObject({ version: 3 })
  })

  it('is replaced after a crash before its session was recorded', async () => {
    const { owner, site } = await scene.newOwner()
    scene.stage.stripe.fail('openCheckout', 'before')
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(503)
    scene.stage.stripe.deleteCustomer(await customerOf(owner))
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(201)
  })

  it('is replaced for the portal', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.buy(owner, site)
    const before = await customerOf(owner)
    scene.stage.stripe.deleteCustomer(before)
    const { status, json } = await scene.ask(owner, site, 'portal')
    expect(status).toBe(200)
    expect(new URL(String(json['url'])).pathname).toBe(`/portal/${await customerOf(owner)}`)
    expect(await customerOf(owner)).not.toBe(before)
    // What was bought under the former one is not forgotten for that.
    expect(await scene.stored(site)).toMatchObject({ plan: 'starter', billing: { state: 'active' } })
  })

  it('is found for the portal where a restored account lacks it, and recorded', async () => {
    const { owner, site } = await scene.newOwner()
    const { accountId } = owner
    const order = { accountId, email: 'restored@example.com', idempotencyKey: 'before the backup' }
    const customerId = await scene.stage.stripe.payments.openCustomer(order)
    await scene.given.commit(changeBilling(site, billing(), samplePolicy, scene.given.context)!)
    expect(await scene.stage.store.accounts.get(accountId)).not.toHaveProperty('customerId')
    const { status, json } = await scene.ask(owner, site, 'portal')
    expect([status, new URL(String(json['url'])).pathname]).toEqual([200, `/portal/${customerId}`])
    expect(await customerOf(owner)).toBe(customerId)
  })

  it('is different from a Stripe that does not answer', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    const before = await customerOf(owner)
    scene.stage.stripe.fail('hasCustomer', 'before')
    expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject(problem('unavailable', 503))
    expect(await customerOf(owner)).toBe(before)
  })
})

describe('an account with too many requests', () => {
  it('gets 429 for all payment requests, unlike others', async () => {
    const [{ owner, site }, other] = [await scene.newOwner(), await scene.newOwner()]
    for (let asked = 0; asked < paymentActsPerHour - 1; asked += 1) {
      expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBeLessThan(300)
    }
    expect((await scene.ask(owner, site, 'portal')).status).toBe(200)
    const calls = scene.stage.stripe.calls.length
    for (const [what, body] of [['checkout', monthly], ['plan', monthly], ['portal']] as const) {
      const refused = await scene.ask(owner, site, what, body)
      expect(refused).toMatchObject(problem('rate-limited', 429))
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(3600)
    }
    expect(scene.stage.stripe.calls.length).toBe(calls)
    expect((await scene.ask(other.owner, other.site, 'checkout', monthly)).status).toBe(201)
    expect((await scene.ask(owner, site, 'billing')).status).toBe(200)
    scene.stage.turnClock(3_600_000)
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBeLessThan(300)
  })

  it('is not charged for requests refused before Stripe', async () => {
    const { owner, site } = await scene.newOwner()
    for (let asked = 0; asked <= paymentActsPerHour; asked += 1) {
      expect((await scene.ask(owner, site, 'checkout', { plan: 'gold', interval: 'month' })).status).toBe(400)
    }
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(201)
  })
})

describe('the right to buy', () => {
  it('includes owners of suspended and archived sites', async () => {
    const { owner, site } = await scene.newOwner()
    const suspended = await scene.given.suspended(site)
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(201)
    await scene.given.archived(suspended)
    expect((await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })).status).toBe(201)
  })

  it('excludes purged, failed and building sites', async () => {
    const { owner, site } = await scene.newOwner()
    const failed = await scene.given.failed(owner.accountId, `${site.ownership.slug}-failed`)
    const building = await scene.given.building(owner.accountId, `${site.ownership.slug}-new`)
    await scene.given.purged(await scene.given.archived(await scene.given.suspended(site)))
    for (const gone of [site, failed, building]) {
      expect(await scene.ask(owner, gone, 'checkout', monthly)).toMatchObject(problem('transition-not-allowed', 409))
    }
    expect(sessionsOf(site.id)).toEqual([])
  })

  it('excludes sites that an operator suspended', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.given.suspended(site, 'operator')
    expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject(problem('transition-not-allowed', 409))
  })

  it('excludes sites that operators delete', async () => {
    const { owner, site } = await scene.newOwner()
    const suspended = await scene.given.suspended(site)
    await scene.given.commit(confirmPurge(suspended, 'a test', scene.given.context))
    expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject(problem('transition-not-allowed', 409))
  })
})

describe('a choice', () => {
  it.each([
    [{ plan: 'gold', interval: 'month' }, 'plan'],
    [{ plan: 'trial', interval: 'month' }, 'plan'],
    [{ plan: 'enterprise', interval: 'month' }, 'plan'],
    [{ plan: 'starter', interval: 'week' }, 'interval'],
    [{ plan: 'starter' }, 'interval'],
    [{ interval: 'month' }, 'plan'],
    [{ ...monthly, currency: 'CHF' }, 'currency'],
    [{ ...monthly, currency: 'eur' }, 'currency'],
    [{ ...monthly, price: 1 }, 'price'],
    [{}, 'plan'],
  ])('%j is refused for its %s', async (request, path) => {
    const { owner, site } = await scene.newOwner()
    const answer = await scene.ask(owner, site, 'checkout', request)
    expect(answer).toMatchObject(problem('invalid-request', 400))
    expect(answer.json['errors']).toEqual(expect.arrayContaining([expect.objectContaining({ path })]))
    expect(scene.stage.stripe.sessions.some(({ order }) => order.siteId === site.id)).toBe(false)
  })

  it('of a plan that is too small names the excess', async () => {
    const { owner, site } = await scene.newOwner()
    storedMiB = 2100
    const answer = await scene.ask(owner, site, 'checkout', monthly)
    const larger = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })
    storedMiB = undefined
    expect(answer).toMatchObject(problem('limits-exceeded', 409))
    expect(answer.json['detail']).toContain('Delete 52 MiB')
    expect(larger.status).toBe(201)
  })

  it('of a plan for an archived site goes by the copy that it gets back, not by an older one', async () => {
    const { owner, site } = await scene.newOwner()
    const archived = await scene.given.archived(await scene.given.suspended(site))
    const [copy] = archived.archives
    if (copy === undefined) throw new Error('it has no copy')
    const older = { ...copy, id: 'arc_01jq3v5k8m0000000000000001' as const, bytes: 2 ** 40 }
    const archives = [{ ...copy, kind: 'schedule' as const }, older]
    await scene.given.commit(
      siteChange(
        {
          transition: 'begin',
          before: archived,
          after: { ...archived, archives, version: archived.version + 1 },
          details: { operation: 'a test' },
        },
        scene.given.context,
      ),
    )
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(201)
  })
})

describe('an unavailable Stripe', () => {
  const calls = ['openCustomer', 'subscriptionsOf', 'openCheckout'] as const
  const kinds: readonly Fault[] = ['before', 'after']

  it.each(calls.flatMap((call) => kinds.map((fault) => [call, fault] as const)))(
    'is reported at %s, %s it was done; a retry opens one checkout',
    async (call, fault) => {
      const { owner, site } = await scene.newOwner()
      scene.stage.stripe.fail(call, fault)
      const away = await scene.ask(owner, site, 'checkout', monthly)
      expect(away).toMatchObject({ ...problem('unavailable', 503), headers: { 'retry-after': '5' } })
      const again = await scene.ask(owner, site, 'checkout', monthly)
      expect([200, 201]).toContain(again.status)
      expect(sessionsOf(site.id).map(({ id }) => id)).toEqual([again.json['id']])
    },
  )

  it('leaves nothing that blocks another choice', async () => {
    const { owner, site } = await scene.newOwner()
    scene.stage.stripe.fail('openCheckout', 'after')
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(503)
    const other = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'year' })
    expect(other.status).toBe(201)
    expect(sessionsOf(site.id).map(({ status }) => status)).toEqual(['expired', 'open'])
  })

  /** Stripe opens no checkout of the plan `starter`. */
  const refuseStarter = (meanwhile: (order: Order) => Promise<unknown> = async () => undefined) => {
    const { payments } = scene.stage.stripe
    const { openCheckout } = payments
    Object.assign(payments, {
      openCheckout: async (order: Order) => {
        if (order.price.plan !== 'starter') return openCheckout(order)
        await meanwhile(order)
        throw new RefusedByStripe({ act: 'open a checkout', code: 'sample', requestId: undefined })
      },
    })
    return { openCheckout, [Symbol.dispose]: () => void Object.assign(payments, { openCheckout }) }
  }

  it('sells another plan after one whose price Stripe refuses', async () => {
    const { owner, site } = await scene.newOwner()
    using _ = refuseStarter()
    for (const _attempt of ['first', 'again']) {
      expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject(problem('unavailable', 503))
    }
    const bought = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })
    expect(bought.status).toBe(201)
    expect(sessionsOf(site.id).map(({ id, status }) => [id, status])).toEqual([[bought.json['id'], 'open']])
  })

  it('leaves one checkout open if the earlier one opens while it is replaced', async () => {
    const { owner, site } = await scene.newOwner()
    scene.stage.stripe.fail('openCheckout', 'before')
    expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject(problem('unavailable', 503))
    using refusing = refuseStarter(async (order) => {
      const { checkouts } = scene.stage.store
      const record = await checkouts.find(site.id)
      const { id } = await refusing.openCheckout(order)
      expect(await checkouts.noteSession({ ...record!, sessionId: id })).toBe(true)
    })
    expect((await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'year' })).status).toBe(201)
    expect(sessionsOf(site.id).map(({ status }) => status)).toEqual(['expired', 'open'])
  })

  it.each(['findCheckout', 'expireCheckout'] as const)('keeps the open checkout at %s', async (call) => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    scene.stage.stripe.fail(call, 'before')
    expect((await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'year' })).status).toBe(503)
    expect(sessionsOf(site.id).map(({ status }) => status)).toEqual(['open'])
  })
})
