import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { confirmPurge } from '../../../core/site/deletion.ts'
import type { BillingScene } from '../billing-scene.ts'
import { openBillingScene } from '../billing-scene.ts'
import type { PaymentFault } from '../played-payments.ts'

let scene: BillingScene
let storedMiB: number | undefined

beforeAll(async () => {
  scene = await openBillingScene(() => ({
    meter: { measure: async () => (storedMiB === undefined ? undefined : storedMiB * 1_048_576) },
  }))
})
afterAll(async () => scene?.stage[Symbol.asyncDispose]())

const monthly = { plan: 'starter', interval: 'month' }
const problem = (kind: string, status: number) => ({ status, json: { type: `urn:sitewright:problem:${kind}` } })
const sessionsOf = (siteId: string) => scene.stage.stripe.sessions.filter(({ order }) => order.siteId === siteId)

describe('a checkout', () => {
  it('is opened for the site, with the choice, the account’s one customer and a way back', async () => {
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
      successUrl: `http://localhost:4000/#/bought/${site.id}`,
      cancelUrl: 'http://localhost:4000/#/',
    })
    const account = await scene.stage.store.accounts.get(owner.accountId)
    expect(account).toMatchObject({ customerId: session?.order.customerId, version: 2 })
    expect(JSON.stringify(account)).not.toContain(email)
  })

  it('takes the first currency of the plan unless told', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    expect(sessionsOf(site.id)[0]?.order.price.currency).toBe('EUR')
  })

  it('is given out again for the same choice', async () => {
    const { owner, site } = await scene.newOwner()
    const first = await scene.ask(owner, site, 'checkout', monthly)
    const second = await scene.ask(owner, site, 'checkout', { ...monthly, currency: 'EUR' })
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.json).toEqual(first.json)
    expect(sessionsOf(site.id)).toHaveLength(1)
  })

  it('expires for another choice, and never are two open', async () => {
    const { owner, site } = await scene.newOwner()
    const wishes = [
      monthly,
      { plan: 'starter', interval: 'year' },
      { plan: 'growth', interval: 'year' },
      { ...monthly, currency: 'USD' },
    ]
    for (const wish of wishes) {
      expect((await scene.ask(owner, site, 'checkout', wish)).status).toBe(201)
      expect(sessionsOf(site.id).filter(({ status }) => status === 'open')).toHaveLength(1)
    }
    expect(sessionsOf(site.id).map(({ status }) => status)).toEqual(['expired', 'expired', 'expired', 'open'])
  })

  it('is one where it is asked for many times at once', async () => {
    const { owner, site } = await scene.newOwner()
    const answers = await Promise.all(Array.from({ length: 8 }, () => scene.ask(owner, site, 'checkout', monthly)))
    for (const { status } of answers) expect([200, 201]).toContain(status)
    expect(new Set(answers.map(({ json }) => json['id'])).size).toBe(1)
    expect(sessionsOf(site.id)).toHaveLength(1)
  })

  it('leaves one open where different ones are asked for at once', async () => {
    const { owner, site } = await scene.newOwner()
    const wishes = [monthly, { plan: 'growth', interval: 'month' }, { plan: 'growth', interval: 'year' }]
    const answers = await Promise.all(wishes.map((wish) => scene.ask(owner, site, 'checkout', wish)))
    for (const { status } of answers) expect([200, 201, 409]).toContain(status)
    expect(sessionsOf(site.id).filter(({ status }) => status === 'open').length).toBeLessThanOrEqual(1)
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBeLessThan(300)
    expect(sessionsOf(site.id).filter(({ status }) => status === 'open')).toHaveLength(1)
  })

  it('is opened anew where the old one has expired', async () => {
    const { owner, site } = await scene.newOwner()
    const first = await scene.ask(owner, site, 'checkout', monthly)
    sessionsOf(site.id)[0]!.status = 'expired'
    const second = await scene.ask(owner, site, 'checkout', monthly)
    expect(second.status).toBe(201)
    expect(second.json['id']).not.toBe(first.json['id'])
  })

  it('is refused where it was paid a moment before, and the site hears of it then', async () => {
    const { owner, site } = await scene.newOwner()
    const { json } = await scene.ask(owner, site, 'checkout', monthly)
    scene.stage.stripe.pay(String(json['id']))
    const again = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })
    expect(again).toMatchObject(problem('transition-not-allowed', 409))
    expect(again.json['detail']).toContain(`/v1/sites/${site.id}/plan`)
    expect(await scene.stored(site)).toMatchObject({ plan: 'starter', billing: { state: 'active' } })
    expect(scene.stage.stripe.subscriptions.filter(({ siteId }) => siteId === site.id)).toHaveLength(1)
  })

  it('is refused where it is paid while it is about to be replaced', async () => {
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

  it('is refused for a site that has a subscription, and possible once that has ended', async () => {
    const { owner, site } = await scene.newOwner()
    const { id } = await scene.buy(owner, site)
    const refused = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })
    expect(refused).toMatchObject(problem('transition-not-allowed', 409))
    scene.stage.stripe.change(id, { status: 'canceled' })
    await scene.converge(site)
    expect((await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })).status).toBe(201)
  })

  it('keeps to the currency of what the account has bought before', async () => {
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

describe('whoever may buy', () => {
  it('is the owner of a suspended or an archived site too', async () => {
    const { owner, site } = await scene.newOwner()
    const suspended = await scene.given.suspended(site)
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(201)
    await scene.given.archived(suspended)
    expect((await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })).status).toBe(201)
  })

  it('is nobody for a site that is gone, that failed, or that is being built', async () => {
    const { owner, site } = await scene.newOwner()
    const failed = await scene.given.failed(owner.accountId, `${site.ownership.slug}-failed`)
    const building = await scene.given.building(owner.accountId, `${site.ownership.slug}-new`)
    await scene.given.purged(await scene.given.archived(await scene.given.suspended(site)))
    for (const gone of [site, failed, building]) {
      expect(await scene.ask(owner, gone, 'checkout', monthly)).toMatchObject(problem('transition-not-allowed', 409))
    }
    expect(sessionsOf(site.id)).toEqual([])
  })

  it('is nobody where an operator took the site away', async () => {
    const { owner, site } = await scene.newOwner()
    await scene.given.suspended(site, 'operator')
    expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject(problem('transition-not-allowed', 409))
  })

  it('is nobody where operators are about to delete it', async () => {
    const { owner, site } = await scene.newOwner()
    const suspended = await scene.given.suspended(site)
    await scene.given.commit(confirmPurge(suspended, 'a test', scene.given.context))
    expect(await scene.ask(owner, site, 'checkout', monthly)).toMatchObject(problem('transition-not-allowed', 409))
  })

  it('is nobody for somebody else’s site', async () => {
    const [{ site }, { owner: other }] = [await scene.newOwner(), await scene.newOwner()]
    expect(await scene.ask(other, site, 'checkout', monthly)).toMatchObject(problem('not-found', 404))
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
  ])('%j is refused for its %s', async (wish, path) => {
    const { owner, site } = await scene.newOwner()
    const answer = await scene.ask(owner, site, 'checkout', wish)
    expect(answer).toMatchObject(problem('invalid-request', 400))
    expect(answer.json['errors']).toEqual(expect.arrayContaining([expect.objectContaining({ path })]))
    expect(scene.stage.stripe.sessions.some(({ order }) => order.siteId === site.id)).toBe(false)
  })

  it('of a plan that the site does not fit says what has to go', async () => {
    const { owner, site } = await scene.newOwner()
    storedMiB = 2100
    const answer = await scene.ask(owner, site, 'checkout', monthly)
    const larger = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'month' })
    storedMiB = undefined
    expect(answer).toMatchObject(problem('limits-exceeded', 409))
    expect(answer.json['detail']).toContain('Delete 52 MiB')
    expect(larger.status).toBe(201)
  })
})

describe('a Stripe that is away', () => {
  const calls = ['openCustomer', 'subscriptionsOf', 'openCheckout'] as const
  const kinds: readonly PaymentFault[] = ['before', 'after']

  it.each(calls.flatMap((call) => kinds.map((fault) => [call, fault] as const)))(
    'at %s, %s it was done, is said, and the repeated request opens one checkout',
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

  it('in the middle leaves nothing that keeps another choice from being bought, or is open beside it', async () => {
    const { owner, site } = await scene.newOwner()
    scene.stage.stripe.fail('openCheckout', 'after')
    expect((await scene.ask(owner, site, 'checkout', monthly)).status).toBe(503)
    const other = await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'year' })
    expect(other.status).toBe(201)
    expect(sessionsOf(site.id).map(({ status }) => status)).toEqual(['expired', 'open'])
  })

  it.each(['findCheckout', 'expireCheckout'] as const)('at %s leaves the open checkout as it is', async (call) => {
    const { owner, site } = await scene.newOwner()
    await scene.ask(owner, site, 'checkout', monthly)
    scene.stage.stripe.fail(call, 'before')
    expect((await scene.ask(owner, site, 'checkout', { plan: 'growth', interval: 'year' })).status).toBe(503)
    expect(sessionsOf(site.id).map(({ status }) => status)).toEqual(['open'])
  })
})
