import { afterAll, describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import type { ActiveSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import { requestDeletion, revokeDeletion } from '../../../lambdas/endings/delete-site.ts'
import { confirmPurge } from '../../../lambdas/endings/purge-site.ts'
import { openBillingScene } from '../billing-scene.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

let storedMiB: number | undefined

const scene = await openBillingScene(() => ({
  meter: { measure: async () => (storedMiB === undefined ? undefined : storedMiB * 1_048_576) },
}))
afterAll(async () => scene?.stage[Symbol.asyncDispose]())

const problem = (kind: string, status: number) => ({ status, json: { type: `urn:sitewright:problem:${kind}` } })
const growth = { plan: 'growth', interval: 'month' }

const paying = async () => {
  const found = await scene.newOwner()
  return { ...found, subscription: await scene.buy(found.owner, found.site) }
}

describe('a change of plan', () => {
  it('changes the subscription and the site before the answer', async () => {
    const { owner, site, subscription } = await paying()
    const answer = await scene.ask(owner, site, 'plan', growth)
    expect(answer).toMatchObject({
      status: 200,
      json: { state: 'active', plan: 'growth', interval: 'month', currency: 'EUR', amount: 7900 },
    })
    expect(scene.stage.stripe.seen(subscription.id).price?.plan).toBe('growth')
    expect(await scene.stored(site)).toMatchObject({ plan: 'growth', billing: { plan: 'growth' } })
  })

  it('charges once for repeated requests', async () => {
    const { owner, site } = await paying()
    const before = scene.stage.stripe.priceChanges.length
    for (const requestId of ['req_1', 'req_2', 'req_3']) {
      expect((await scene.ask(owner, site, 'plan', growth, requestId)).status).toBe(200)
    }
    expect(scene.stage.stripe.priceChanges.length).toBe(before + 1)
  })

  const preview = ({ headers }: SignedIn, site: Pick<Site, 'id'>, query: Record<string, string> = growth) =>
    scene.stage.send({ method: 'GET', path: `/v1/sites/${site.id}/billing/preview`, query, headers })

  it('is charged as its preview says, for a quarter of an hour', async () => {
    const { owner, site } = await paying()
    const { status, json } = await preview(owner, site)
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        ...{ due: 6000, credit: 0, currency: 'EUR', at: expect.stringMatching(/\.000Z$/) },
        // The sum behind it.
        ...{ charge: 7900, unused: 1900, tax: 0, paysUntil: expect.stringMatching(/Z$/) },
      },
    })
    expect(await scene.stored(site)).toMatchObject({ plan: 'starter' })
    const old = new Date(Date.parse(String(json['at'])) - 16 * 60_000).toISOString()
    const late = await scene.ask(owner, site, 'plan', { ...growth, previewedAt: old })
    expect(late).toMatchObject({ ...problem('invalid-request', 400), json: { errors: [{ path: 'previewedAt' }] } })
    const changed = await scene.ask(owner, site, 'plan', { ...growth, previewedAt: json['at'] })
    expect(changed).toMatchObject({ status: 200, json: { plan: 'growth' } })
    expect(scene.stage.stripe.proratedAt.at(-1)).toBe(json['at'])
  })

  it('has no preview where it would be refused, or Stripe does not answer', async () => {
    const { owner, site } = await paying()
    expect(await preview((await paying()).owner, site)).toMatchObject(problem('not-found', 404))
    const present = await preview(owner, site, { ...growth, plan: 'starter' })
    expect(present).toMatchObject(problem('transition-not-allowed', 409))
    expect(await preview(owner, site, { ...growth, plan: 'trial' })).toMatchObject(problem('invalid-request', 400))
    scene.stage.stripe.fail('previewPrice', 'before')
    expect(await preview(owner, site)).toMatchObject(problem('unavailable', 503))
    expect((await preview(owner, site)).status).toBe(200)
  })

  it('has no preview while another one waits for the bank', async () => {
    const { owner, site, subscription } = await paying()
    scene.stage.stripe.giveCard(subscription.customerId, 'authenticates')
    expect((await scene.ask(owner, site, 'plan', growth)).status).toBe(202)
    const year = await preview(owner, site, { ...growth, interval: 'year' })
    expect(year).toMatchObject(problem('transition-not-allowed', 409))
  })

  it('allows changing there and back', async () => {
    const { owner, site } = await paying()
    const back = { plan: 'starter', interval: 'month' }
    const changes = [growth, back, growth, back]
    for (const [index, request] of changes.entries()) {
      const answer = await scene.ask(owner, site, 'plan', request, `req_back_${index}`)
      expect(answer).toMatchObject({ status: 200, json: { plan: request.plan } })
      expect(await scene.stored(site)).toMatchObject({ plan: request.plan })
    }
  })

  it.each(['before', 'after'] as const)('charges once if Stripe fails %s the change', async (fault) => {
    const { owner, site } = await paying()
    const before = scene.stage.stripe.priceChanges.length
    scene.stage.stripe.fail('changePrice', fault)
    const away = await scene.ask(owner, site, 'plan', growth, 'req_lost')
    expect(away).toMatchObject({ ...problem('unavailable', 503), headers: { 'retry-after': '5' } })
    expect(await scene.ask(owner, site, 'plan', growth, 'req_again')).toMatchObject({
      status: 200,
      json: { plan: 'growth' },
    })
    expect(scene.stage.stripe.priceChanges.length).toBe(before + 1)
  })

  it('changes nothing if the payment is declined, and can be retried', async () => {
    const { owner, site } = await paying()
    scene.stage.stripe.fail('changePrice', 'declined')
    expect(await scene.ask(owner, site, 'plan', growth, 'req_declined')).toMatchObject(problem('payment-declined', 402))
    expect(await scene.stored(site)).toMatchObject({ plan: 'starter' })
    expect((await scene.ask(owner, site, 'plan', growth, 'req_other_card')).status).toBe(200)
  })

  it('waits for the bank of a card that needs it, and says where to confirm', async () => {
    const { owner, site, subscription } = await paying()
    const { stripe } = scene.stage
    stripe.giveCard(subscription.customerId, 'authenticates')
    const pendingChange = { ...growth, confirmBy: expect.any(String) }
    for (const requestId of ['req_1', 'req_2']) {
      expect(await scene.ask(owner, site, 'plan', growth, requestId)).toMatchObject({
        status: 202,
        json: { billing: { state: 'active', plan: 'starter', pendingChange }, confirmUrl: expect.any(String) },
      })
    }
    expect((await scene.ask(owner, site, 'billing')).json).toMatchObject({ plan: 'starter', pendingChange })
    expect(await scene.stored(site)).toMatchObject({ plan: 'starter' })
    stripe.confirm(subscription.id)
    await scene.converge(site)
    expect((await scene.ask(owner, site, 'billing')).json).toMatchObject({ plan: 'growth', pendingChange: null })
    stripe.giveCard(subscription.customerId, 'good')
  })

  it('replaces a change that waits, and drops it for the present plan', async () => {
    const { owner, site, subscription } = await paying()
    scene.stage.stripe.giveCard(subscription.customerId, 'authenticates')
    expect((await scene.ask(owner, site, 'plan', growth, 'req_1')).status).toBe(202)
    const year = { plan: 'growth', interval: 'year' }
    expect(await scene.ask(owner, site, 'plan', year, 'req_2')).toMatchObject({
      status: 202,
      json: { billing: { pendingChange: year } },
    })
    expect(await scene.ask(owner, site, 'plan', { plan: 'starter', interval: 'month' }, 'req_3')).toMatchObject({
      status: 200,
      json: { plan: 'starter', pendingChange: null },
    })
    scene.stage.stripe.giveCard(subscription.customerId, 'good')
  })

  it('drops a change that waits also if the site stores more than its plan allows', async () => {
    const { owner, site, subscription } = await paying()
    scene.stage.stripe.giveCard(subscription.customerId, 'authenticates')
    expect((await scene.ask(owner, site, 'plan', growth, 'req_1')).status).toBe(202)
    storedMiB = 3000
    const dropped = await scene.ask(owner, site, 'plan', { plan: 'starter', interval: 'month' }, 'req_2')
    storedMiB = undefined
    expect(dropped).toMatchObject({ status: 200, json: { plan: 'starter', pendingChange: null } })
    scene.stage.stripe.giveCard(subscription.customerId, 'good')
  })

  it('hides a change once its time has ended, also without an event', async () => {
    const { owner, email, site, subscription } = await paying()
    scene.stage.stripe.giveCard(subscription.customerId, 'authenticates')
    expect((await scene.ask(owner, site, 'plan', growth)).status).toBe(202)
    scene.stage.turnClock(86_400_000)
    const back = await signIn(scene.stage, email)
    expect((await scene.ask(back, site, 'billing')).json).toMatchObject({ plan: 'starter', pendingChange: null })
    scene.stage.stripe.giveCard(subscription.customerId, 'good')
  })

  it('uses the state of Stripe if the site is behind', async () => {
    const { owner, site, subscription } = await paying()
    scene.stage.stripe.change(subscription.id, { price: { ...growth, interval: 'month', currency: 'EUR' } })
    const calls = scene.stage.stripe.calls.filter((call) => call === 'changePrice').length
    expect(await scene.ask(owner, site, 'plan', growth)).toMatchObject({ status: 200, json: { plan: 'growth' } })
    expect(scene.stage.stripe.calls.filter((call) => call === 'changePrice').length).toBe(calls)
    expect(await scene.stored(site)).toMatchObject({ plan: 'growth' })
  })

  it('applies a change even if Stripe fails right after it', async () => {
    const { owner, site } = await paying()
    scene.stage.stripe.fail('subscriptionsOf', 'before')
    expect((await scene.ask(owner, site, 'plan', growth)).status).toBe(200)
    await scene.converge(site)
    expect(await scene.stored(site)).toMatchObject({ plan: 'growth' })
  })

  it('refuses a plan that is too small and names the excess', async () => {
    const { owner, site } = await paying()
    expect((await scene.ask(owner, site, 'plan', growth, 'req_up')).status).toBe(200)
    storedMiB = 3000
    const down = await scene.ask(owner, site, 'plan', { plan: 'starter', interval: 'month' }, 'req_down')
    storedMiB = undefined
    expect(down).toMatchObject(problem('limits-exceeded', 409))
    expect(down.json['errors']).toMatchObject([{ path: 'storageMiB', message: expect.stringContaining('3000 MiB') }])
    expect(await scene.stored(site)).toMatchObject({ plan: 'growth' })
    expect((await scene.ask(owner, site, 'plan', { plan: 'starter', interval: 'month' }, 'req_less')).status).toBe(200)
  })

  it.each([
    ['for the end of its period', () => ({ cancelsAtPeriodEnd: true })],
    ['for a later date', ({ periodEnd }: { periodEnd: string }) => ({ cancelAt: plusDays(periodEnd, 40) })],
  ])('keeps months and years while it is cancelled %s', async (_, cancelled) => {
    const { owner, site, subscription } = await paying()
    const { stripe } = scene.stage
    stripe.change(subscription.id, cancelled(stripe.find(subscription.id)))
    const yearly = { plan: 'growth', interval: 'year' }
    const refused = problem('transition-not-allowed', 409)
    expect(await preview(owner, site, yearly)).toMatchObject(refused)
    const answer = await scene.ask(owner, site, 'plan', yearly)
    expect(answer).toMatchObject(refused)
    expect(answer.json['detail']).toContain('Resume it under “Invoices and card”')
    expect((await scene.ask(owner, site, 'plan', growth)).status).toBe(200)
    stripe.change(subscription.id, { cancelsAtPeriodEnd: false, cancelAt: undefined })
    expect((await scene.ask(owner, site, 'plan', yearly)).status).toBe(200)
  })

  it('requires a subscription', async () => {
    const { owner, site } = await scene.newOwner()
    const answer = await scene.ask(owner, site, 'plan', growth)
    expect(answer).toMatchObject(problem('transition-not-allowed', 409))
    expect(answer.json['detail']).toContain('Choose a plan to start one')
  })

  it('is refused for a site that an operator suspended, even when archived', async () => {
    const { owner, site } = await paying()
    const before = scene.stage.stripe.priceChanges.length
    const suspended = await scene.given.suspended((await scene.stored(site)) as ActiveSite, 'operator')
    expect(await scene.ask(owner, site, 'plan', growth)).toMatchObject(problem('transition-not-allowed', 409))
    await scene.given.archived(suspended)
    expect(await scene.ask(owner, site, 'plan', growth)).toMatchObject(problem('transition-not-allowed', 409))
    expect(scene.stage.stripe.priceChanges.length).toBe(before)
  })

  it('is refused for a deleted site until the deletion is cancelled', async () => {
    const { owner, site } = await paying()
    const before = scene.stage.stripe.priceChanges.length
    const suspended = await scene.given.suspended((await scene.stored(site)) as ActiveSite, 'owner-deletion')
    const deleted = await scene.given.commit(requestDeletion(suspended, scene.given.context))
    const refused = await scene.ask(owner, site, 'plan', growth)
    expect(refused).toMatchObject(problem('transition-not-allowed', 409))
    expect(refused.json['detail']).toContain('Cancel the deletion first')
    expect(scene.stage.stripe.priceChanges.length).toBe(before)
    await scene.given.commit(revokeDeletion(deleted as SuspendedSite, scene.given.context))
    expect((await scene.ask(owner, site, 'plan', growth)).status).toBe(200)
  })

  it('is refused while operators delete the site', async () => {
    const { owner, site } = await paying()
    const suspended = await scene.given.suspended((await scene.stored(site)) as ActiveSite, 'subscription-ended')
    await scene.given.commit(confirmPurge(suspended, 'a test', scene.given.context))
    expect(await scene.ask(owner, site, 'plan', growth)).toMatchObject(problem('transition-not-allowed', 409))
  })

  it.each([
    ['past_due', 'payment-required', 402],
    ['paused', 'transition-not-allowed', 409],
    ['unpaid', 'transition-not-allowed', 409],
    ['canceled', 'transition-not-allowed', 409],
  ] as const)('refuses a subscription that is %s', async (status, kind, code) => {
    const { owner, site, subscription } = await paying()
    scene.stage.stripe.change(subscription.id, { status })
    expect(await scene.ask(owner, site, 'plan', growth)).toMatchObject(problem(kind, code))
    expect(scene.stage.stripe.seen(subscription.id).price?.plan).toBe('starter')
  })

  it.each([
    [{ plan: 'trial', interval: 'month' }, 'plan'],
    [{ plan: 'enterprise', interval: 'year' }, 'plan'],
    [{ plan: 'growth', interval: 'day' }, 'interval'],
    [{ ...growth, currency: 'USD' }, 'currency'],
  ])('refuses %j for its %s', async (request, path) => {
    const { owner, site } = await paying()
    const answer = await scene.ask(owner, site, 'plan', request)
    expect(answer).toMatchObject(problem('invalid-request', 400))
    expect(answer.json['errors']).toEqual(expect.arrayContaining([expect.objectContaining({ path })]))
  })
})

describe('the portal', () => {
  it('opens after a purchase and returns to the console', async () => {
    const { owner, site } = await paying()
    const answer = await scene.ask(owner, site, 'portal')
    expect(answer.status).toBe(200)
    const url = new URL(String(answer.json['url']))
    expect(url.searchParams.get('back')).toMatch(/^http:\/\/localhost:4000\/#\/sites\/site_\w+\?part=plans$/)
    expect(url.pathname).toBe(`/portal/${(await scene.stage.store.accounts.get(owner.accountId))?.customerId}`)
  })

  it('is refused before a purchase and for other owners', async () => {
    const [{ owner, site }, buyer] = [await scene.newOwner(), await paying()]
    expect(await scene.ask(owner, site, 'portal')).toMatchObject(problem('transition-not-allowed', 409))
    expect(await scene.ask(owner, buyer.site, 'portal')).toMatchObject(problem('not-found', 404))
  })

  it('reports that Stripe is unavailable', async () => {
    const { owner, site } = await paying()
    scene.stage.stripe.fail('openPortal', 'before')
    expect(await scene.ask(owner, site, 'portal')).toMatchObject(problem('unavailable', 503))
  })
})

describe('what an owner sees of billing', () => {
  const nothing = {
    interval: null,
    currency: null,
    paidThrough: null,
    pastDueSince: null,
    graceEndsAt: null,
    runsUntil: null,
    disputed: false,
  }

  it('is empty for a trial', async () => {
    const { owner, site } = await scene.newOwner()
    const expected = { state: 'none', plan: 'trial', ...nothing, cancelsAtPeriodEnd: false, customerId: null }
    expect(await scene.ask(owner, site, 'billing')).toMatchObject({ status: 200, json: expected })
  })

  it('is the subscription, also when cancelled at its period end', async () => {
    const { owner, site, subscription } = await paying()
    const expected = {
      state: 'active',
      plan: 'starter',
      interval: 'month',
      currency: 'EUR',
      paidThrough: subscription.paidThrough,
      cancelsAtPeriodEnd: false,
      runsUntil: null,
      disputed: false,
      customerId: subscription.customerId,
    }
    expect((await scene.ask(owner, site, 'billing')).json).toMatchObject(expected)
    scene.stage.stripe.change(subscription.id, { cancelsAtPeriodEnd: true })
    await scene.converge(site)
    expect((await scene.ask(owner, site, 'billing')).json).toMatchObject({ ...expected, cancelsAtPeriodEnd: true })
  })

  it('has the currency of the first purchase also for another site, until which it has none', async () => {
    const { owner, site } = await scene.newOwner()
    const second = await scene.given.active(owner.accountId, 'second-currency')
    const currency = async () => (await scene.ask(owner, second, 'billing')).json['currency']
    expect(await currency()).toBeNull()
    await scene.ask(owner, second, 'checkout', growth)
    expect(await currency()).toBeNull()
    await scene.buy(owner, site, { ...growth, currency: 'USD' })
    expect(await currency()).toBe('USD')
    const suspended = await scene.given.suspended((await scene.stored(site)) as ActiveSite, 'owner-deletion')
    await scene.given.purged(await scene.given.archived(suspended))
    expect(await currency()).toBe('USD')
    expect((await scene.ask(owner, second, 'checkout', { ...growth, currency: 'USD' })).status).toBe(201)
    expect(await currency()).toBe('USD')
  })

  it('shows since when a payment is due and until when the site runs', async () => {
    const { owner, site, subscription } = await paying()
    // Beyond what was left of the trial.
    scene.stage.turnClock(10 * 86_400_000)
    await scene.ask(owner, site, 'billing')
    scene.stage.turnClock(10 * 86_400_000)
    scene.stage.stripe.change(subscription.id, { status: 'past_due', periodEnd: scene.stage.now() })
    await scene.converge(site)
    const end = new Date(Date.parse(scene.stage.now()) + 7 * 86_400_000).toISOString()
    expect((await scene.ask(owner, site, 'billing')).json).toMatchObject({
      state: 'past-due',
      pastDueSince: scene.stage.now(),
      graceEndsAt: end,
      runsUntil: end,
    })
  })

  it.each([
    ['paused', 'paused', 1900],
    ['canceled', 'ended', null],
  ] as const)('shows until when the site runs once it is %s', async (status, state, amount) => {
    const { owner, site, subscription } = await paying()
    scene.stage.stripe.change(subscription.id, { status })
    await scene.converge(site)
    const { paidThrough } = subscription
    expect((await scene.ask(owner, site, 'billing')).json).toMatchObject({
      state,
      amount,
      paidThrough,
      runsUntil: paidThrough,
      graceEndsAt: null,
    })
  })

  it('shows a disputed payment', async () => {
    const { owner, site, subscription } = await paying()
    scene.stage.stripe.change(subscription.id, { isDisputed: true })
    await scene.converge(site)
    expect((await scene.ask(owner, site, 'billing')).json).toMatchObject({ state: 'active', disputed: true })
  })
})
