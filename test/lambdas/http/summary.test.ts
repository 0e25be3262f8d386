import { afterAll, describe, expect, it, vi } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import { noOffers } from '../../support/no-offers.ts'
import { openApiStage } from '../api-stage.ts'
import { billing } from '../billing/subscriptions.ts'
import { givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

const stage = await openApiStage()
const given = givenSites(stage)
const ada = await signIn(stage, 'ada@example.com')
const bob = await signIn(stage, 'bob@example.com')
afterAll(() => stage[Symbol.asyncDispose]())

const links = (id: string) => `/v1/sites/${id}/summary-links`
const share = async (id: string, body: object = {}, who = ada) => {
  const answer = await stage.send({ method: 'POST', path: links(id), headers: who.headers, body })
  return { ...answer, token: String(answer.json['url']).split('#')[1] ?? '' }
}
const open = (token: string) => stage.send({ method: 'POST', path: '/v1/site-summaries', body: { token } })
const list = async (id: string) =>
  (await stage.send({ method: 'GET', path: links(id), headers: ada.headers })).json['links']

describe('a link to the page about a site', () => {
  it('shows use, plan and place of the data, and no person', async () => {
    const site = await given.active(ada.accountId, 'engines')
    const usage = { ...noUsage(), requests: 7, serverErrors: 1 }
    await stage.store.usage.addToDay({
      siteId: site.id,
      usage,
      at: stage.now(),
      router: 'a',
      sketch: new Uint8Array(0),
    })
    const shared = await share(site.id)
    expect(shared.status).toBe(201)
    expect(shared.json).toMatchObject({
      url: expect.stringMatching(/\/shared\/#site_\w+\.lnk_\w+\.[\w-]{43}$/),
      expiresAt: plusDays(stage.now(), 14),
    })
    const { status, json, headers } = await open(shared.token)
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(json).toMatchObject({
      name: site.ownership.name,
      status: 'active',
      plan: { kind: 'trial' },
      price: { plan: 'Starter', interval: 'month', amount: 1900 },
      trialEndsAt: site.trialEndsAt,
      usage: { requests: 7, errors: 1, days: [{ requests: 7 }] },
      expiresAt: plusDays(stage.now(), 14),
    })
    const text = JSON.stringify(json)
    for (const personal of ['ada@example.com', ada.accountId]) expect(text).not.toContain(personal)
  })

  it('names the support address of the offer of the site', async () => {
    const { token } = await share((await given.active(ada.accountId, 'school')).id)
    const brand = { contact: 'hello@schools.example.com' }
    using _ = vi.spyOn(noOffers, 'find').mockReturnValue({ ...noOffers.find(undefined), brand })
    expect((await open(token)).json['contact']).toBe(brand.contact)
  })

  it('shows a subscriber the price of the subscription', async () => {
    const site = await given.active(ada.accountId, 'subscribed')
    const paid = { plan: 'starter', billing: billing({ plan: 'starter', amount: 1500 }) }
    await given.commit(
      siteChange(
        { transition: 'changePlan', before: site, after: { ...site, ...paid, version: site.version + 1 } },
        given.context,
      ),
    )
    const { token } = await share(site.id)
    expect((await open(token)).json['price']).toEqual({
      plan: 'Starter',
      interval: 'month',
      currency: 'EUR',
      amount: 1500,
    })
  })

  it('mails its owner once that somebody approves, and never without the whole token', async () => {
    const site = await given.active(ada.accountId, 'approved')
    const { token } = await share(site.id)
    const approve = (given: string) =>
      stage.send({ method: 'POST', path: '/v1/site-summaries/approvals', body: { token: given } })
    const mails = () =>
      stage.mails.filter(({ subject }) => subject === `Somebody approved your site ${site.ownership.name}`)
    expect((await approve(token.slice(0, -1))).status).toBe(404)
    expect(mails()).toEqual([])
    for (let times = 0; times < 5; times += 1) expect((await approve(token)).status).toBe(204)
    expect((await approve(token)).status).toBe(429)
    expect(new Set(mails().map(({ id, to }) => `${id} ${to}`)).size).toBe(1)
    expect(mails()[0]).toMatchObject({
      to: 'ada@example.com',
      links: [expect.stringContaining(`${site.id}?part=plans`)],
    })
  })

  it('works until it expires', async () => {
    const site = await given.active(ada.accountId, 'short-lived')
    const { token } = await share(site.id, { days: 1 })
    stage.turnClock(86_399_000)
    expect((await open(token)).status).toBe(200)
    stage.turnClock(1000)
    expect((await open(token)).status).toBe(404)
    expect(await list(site.id)).toEqual([])
  })

  it('works until its owner revokes it', async () => {
    const site = await given.active(ada.accountId, 'revoked')
    const [kept, revoked] = [await share(site.id), await share(site.id)]
    const remove = (who: SignedIn) =>
      stage.send({ method: 'DELETE', path: `${links(site.id)}/${String(revoked.json['id'])}`, headers: who.headers })
    expect((await remove(bob)).status).toBe(404)
    expect((await open(revoked.token)).status).toBe(200)
    expect((await remove(ada)).status).toBe(204)
    expect((await remove(ada)).status).toBe(204)
    expect((await open(revoked.token)).status).toBe(404)
    expect((await open(kept.token)).status).toBe(200)
    expect(await list(site.id)).toMatchObject([{ id: kept.json['id'] }])
  })

  it.each([
    ['nothing', () => ''],
    ['another secret', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['the hash of its secret', (token: string) => token.replace(/[^.]*$/, '0'.repeat(64))],
    ['another site', (token: string) => token.replace(/^site_\w+/, 'site_01jq3v5k8m0000000000000000')],
    ['one part more', (token: string) => `${token}.x`],
  ])('does not open with %s', async (_case, forge) => {
    const site = await given.active(ada.accountId, `forged-${Math.abs(_case.length)}`)
    const { token } = await share(site.id)
    const { status, json } = await open(forge(token))
    expect(status).toBe(404)
    expect(json['detail']).toContain('expired or was revoked')
  })

  it('is one of 20 at most', async () => {
    const site = await given.active(ada.accountId, 'popular')
    for (let count = 0; count < 20; count += 1) expect((await share(site.id)).status).toBe(201)
    const { status, json } = await share(site.id)
    expect(status).toBe(409)
    expect(json['detail']).toContain('at most 20 links')
  })

  it.each([0, 91, 1.5])('is not made for %s days', async (days) => {
    const site = await given.active(ada.accountId, `days-${String(days).replace('.', '-')}`)
    expect((await share(site.id, { days })).status).toBe(400)
  })
})
