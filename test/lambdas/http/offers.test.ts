import { afterAll, describe, expect, it } from 'vitest'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { offerSchema } from '../../../lambdas/offers/offer.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import { failBuild } from '../../../lambdas/sites/build/build-failure.ts'
import { mailOwner } from '../../../lambdas/sites/mail-owner.ts'
import config from '../../../sitewright.config.ts'
import { welcome } from '../../support/provisioning.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const [trial] = config.plans
const [policy] = config.trialPolicies
const plans = planCatalogue([...config.plans, { ...trial!, id: 'trial-schools', name: 'School trial' }])
const policies = trialPolicies([
  ...config.trialPolicies,
  { ...policy!, version: 2, name: 'long', trialDays: 30 },
  { ...policy!, version: 3, name: 'short', trialDays: 8, reminderDaysBefore: [] },
])
const offers = createOffers(
  [
    offerSchema.parse({
      id: 'schools',
      paths: ['/schools'],
      brand: { name: 'Schoolwright', contact: 'hello@schools.example', sender: 'Your Schoolwright team' },
      trialPlan: 'trial-schools',
      trialPolicy: 'long',
      plans: ['growth'],
      lastDay: '2026-06-30',
      variants: [{ name: 'brief', weight: 1, trialPolicy: 'short' }],
    }),
    offerSchema.parse({ id: 'clubs', hostnames: ['clubs.example.org'], trials: 'one-per-offer' }),
  ],
  'http://localhost:4000',
)
let ports: Parameters<Parameters<typeof openApiStage>[0] & object>[0]

const stage = await openApiStage((given) => {
  ports = { ...given, offers, plans }
  return { offers, plans }
}, policies)
await stage.store.blueprints.publish(welcome(1))
afterAll(() => stage[Symbol.asyncDispose]())

const post = (path: string, body: object, headers = {}) => stage.send({ method: 'POST', path, body, headers })

const signedUp = async (email: string, held = {}) => {
  const { accountId, headers } = await signIn(stage, email, held)
  return { accountId, ...headers }
}

const siteOf = async (authorization: string, slug: string, account?: string, asked = {}) => {
  const headers = { authorization, ...(account && { 'sitewright-account': account }) }
  const { json } = await post('/v1/sites', { slug, ...asked }, headers)
  const site = await stage.store.sites.get(json['id'] as never)
  if (site === undefined) throw new Error(`no site: ${JSON.stringify(json)}`)
  return site
}

describe('a sign-up by an offer', () => {
  it('is mailed by its brand, and account and site hold it', async () => {
    const { accountId, authorization } = await signedUp('ada@example.com', { offer: 'schools', variant: 'brief' })
    expect(stage.mails.at(-1)).toMatchObject({
      subject: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4} is your Schoolwright code$/),
      sender: 'Your Schoolwright team',
    })
    expect(stage.mails.at(-1)?.links[0]).toMatch(/^http:\/\/localhost:4000\/schools\/#\/signups\//)
    const account = await stage.store.accounts.get(accountId as never)
    expect(account).toMatchObject({ offer: 'schools', variant: 'brief' })
    const site = await siteOf(authorization, 'ada')
    expect(site).toMatchObject({ plan: 'trial-schools', policyVersion: 3, ownership: { offer: 'schools' } })
    const { items } = await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })
    await mailOwner(ports, items[0] as never)
    expect(stage.mails.at(-1)?.text).toContain('Welcome to Schoolwright.')
    expect(stage.mails.at(-1)?.text).toContain('hello@schools.example')
  })

  it('names the site with the brand at a checkout', async () => {
    const { accountId, authorization } = await signedUp('uma@example.com', { offer: 'schools' })
    const { id } = await givenSites(stage).active(accountId, 'uma', { offer: 'schools' })
    const { json } = await post(`/v1/sites/${id}/checkout`, { plan: 'growth', interval: 'month' }, { authorization })
    expect(json).toMatchObject({ url: expect.any(String) })
    expect(stage.stripe.sessions.at(-1)?.order.description).toBe('uma.localhost (Schoolwright)')
  })

  it('without one is the installation’s own, and its records are as before', async () => {
    const { accountId, authorization } = await signedUp('bea@example.com')
    expect(stage.mails.at(-1)?.subject).toMatch(/^[A-Z]{4}-[A-Z]{4} is your Sitewright code$/)
    expect(stage.mails.at(-1)).not.toHaveProperty('sender')
    const account = await stage.store.accounts.get(accountId as never)
    expect(account).not.toHaveProperty('offer')
    const site = await siteOf(authorization, 'bea')
    expect(site).toMatchObject({ plan: 'trial', policyVersion: 1 })
    expect(site).not.toHaveProperty('ownership.offer')
  })

  it('has the trial policy of the offer, and of the variant only where it knows it', async () => {
    const { accountId, authorization } = await signedUp('cid@example.com', { offer: 'schools', variant: 'gone' })
    expect(await stage.store.accounts.get(accountId as never)).not.toHaveProperty('variant')
    expect(await siteOf(authorization, 'cid')).toMatchObject({ policyVersion: 2 })
    expect(policies.find(2).trialDays - policies.find(3).trialDays).toBe(22)
  })

  it('is refused by an offer that is unknown', async () => {
    const { status, json } = await post('/v1/signups', { email: 'dan@example.com', offer: 'shops' })
    expect(status).toBe(400)
    expect(json).toMatchObject({ errors: [{ path: 'offer', message: 'must be one of: default, schools, clubs' }] })
  })
})

describe('an account whose site is made later', () => {
  const brief = { offer: 'schools', variant: 'brief' }

  it.each([
    ['at the installation’s own address', {}],
    ['at its offer without a variant', { offer: 'schools' }],
  ])('has the offer and the variant of its first sign-up, also where it signs in %s', async (where, held) => {
    const email = `eve-${Object.keys(held).length}@example.com`
    await signedUp(email, brief)
    const { authorization } = await signedUp(email, held)
    expect(await siteOf(authorization, email.split('@')[0] ?? where)).toMatchObject({
      plan: 'trial-schools',
      policyVersion: 3,
      ownership: { offer: 'schools' },
    })
  })

  it('has another offer where it signs in by that', async () => {
    await signedUp('eli@example.com', brief)
    const { authorization } = await signedUp('eli@example.com', { offer: 'clubs' })
    expect(await siteOf(authorization, 'eli')).toMatchObject({ plan: 'trial', ownership: { offer: 'clubs' } })
  })
})

describe('a site that is asked for at an offer', () => {
  const brief = { offer: 'schools', variant: 'brief' }
  const ofSchools = { plan: 'trial-schools', policyVersion: 2, ownership: { offer: 'schools' } }

  it('has that offer, whichever the session was begun at, and uses the trial of the account', async () => {
    const { authorization } = await signedUp('amy@example.com')
    expect(await siteOf(authorization, 'amy', undefined, { offer: 'schools' })).toMatchObject(ofSchools)
    const again = await post('/v1/sites', { slug: 'amy2', offer: 'default' }, { authorization })
    expect([again.status, again.json['type']]).toEqual([409, 'urn:sitewright:problem:trial-already-used'])
  })

  it('has the variant that is asked for with it', async () => {
    const { authorization } = await signedUp('ann@example.com')
    expect(await siteOf(authorization, 'ann', undefined, brief)).toMatchObject({ ...ofSchools, policyVersion: 3 })
  })

  it.each([
    ['schools', { offer: 'schools' }],
    ['default', { offer: 'default' }],
  ])('has the offer and the variant of the sign-up at %s', async (name, asked) => {
    const { authorization } = await signedUp(`bo-${name}@example.com`, brief)
    const site = await siteOf(authorization, `bo-${name}`, undefined, asked)
    expect(site).toMatchObject({ ...ofSchools, policyVersion: 3 })
  })

  it('has the offer of the account at the installation’s own, after a sign-in by another', async () => {
    await signedUp('cat@example.com')
    const { authorization } = await signedUp('cat@example.com', { offer: 'schools' })
    const site = await siteOf(authorization, 'cat', undefined, { offer: 'default' })
    expect(site).toMatchObject({ plan: 'trial', policyVersion: 1 })
    expect(site).not.toHaveProperty('ownership.offer')
  })

  it('is another request than one by another offer, and none by an unknown offer', async () => {
    const { authorization } = await signedUp('dee@example.com')
    const headers = { authorization, 'idempotency-key': 'dee' }
    const ask = async (asked: object) => (await post('/v1/sites', { slug: 'dee', ...asked }, headers)).json
    expect(await ask({ offer: 'shops' })).toMatchObject({ errors: [{ path: 'offer' }] })
    const { id } = await ask({ offer: 'clubs' })
    expect(await ask({ offer: 'clubs' })).toMatchObject({ id })
    expect(await ask({})).toMatchObject({ type: 'urn:sitewright:problem:idempotency-key-reused' })
  })
})

describe('a site that somebody else makes for an account', () => {
  const teamOf = async (name: string) => {
    const holder = await signedUp(`${name}@example.com`, { offer: 'schools', variant: 'brief' })
    return { ...holder, ask: (path: string, body: object) => post(path, body, { authorization: holder.authorization }) }
  }
  const ofSchools = { plan: 'trial-schools', policyVersion: 3, ownership: { offer: 'schools' } }

  it('has the offer and the variant of the account where a member makes it, whatever their own', async () => {
    const { accountId, ask } = await teamOf('kay')
    await ask('/v1/team/invitations', { email: 'bob@example.com', role: 'developer' })
    const { authorization } = await signedUp('bob@example.com', { offer: 'clubs' })
    const { json } = await stage.send({ method: 'GET', path: '/v1/invitations', headers: { authorization } })
    const [invitation] = json['invitations'] as { id: string }[]
    await post(`/v1/invitations/${invitation?.id}/acceptance`, {}, { authorization })
    expect(await siteOf(authorization, 'kay', accountId, { offer: 'default' })).toMatchObject(ofSchools)
  })

  it('has them where a token makes it', async () => {
    const { ask } = await teamOf('joe')
    const { json } = await ask('/v1/team/tokens', { name: 'CI', role: 'developer', production: true })
    expect(await siteOf(`Bearer ${json['token']}`, 'joe')).toMatchObject(ofSchools)
  })
})

describe('the trials of an account', () => {
  it('are one ever, in whichever offer', async () => {
    const email = 'fay@example.com'
    await siteOf((await signedUp(email)).authorization, 'fay')
    const { authorization } = await signedUp(email, { offer: 'schools' })
    expect((await post('/v1/sites', { slug: 'fay2' }, { authorization })).status).toBe(409)
  })

  it('are one per offer where the offer says so, and never a second of the offer', async () => {
    const email = 'gus@example.com'
    await siteOf((await signedUp(email)).authorization, 'gus')
    const { authorization } = await signedUp(email, { offer: 'clubs' })
    const site = await siteOf(authorization, 'gus2')
    expect(site).toMatchObject({ ownership: { offer: 'clubs', trialOf: 'clubs' } })
    const { json } = await stage.send({ path: '/v1/sites', headers: { authorization } })
    const kinds = (json['sites'] as { trialOf: unknown }[]).map(({ trialOf }) => trialOf)
    expect(new Set(kinds)).toEqual(new Set(['clubs', null]))
    const again = await post('/v1/sites', { slug: 'gus3' }, { authorization })
    expect([again.status, again.json['type']]).toEqual([409, 'urn:sitewright:problem:trial-already-used'])
  })

  it('are none elsewhere after one of an offer’s own', async () => {
    const email = 'hal@example.com'
    await siteOf((await signedUp(email, { offer: 'clubs' })).authorization, 'hal')
    const { authorization } = await signedUp(email)
    expect((await post('/v1/sites', { slug: 'hal2' }, { authorization })).status).toBe(409)
  })
})

describe('a site of an offer whose build failed', () => {
  it.each([
    ['kim', { offer: 'schools' }, { plan: 'trial-schools', policyVersion: 2, ownership: { offer: 'schools' } }],
    [
      'lea',
      { offer: 'schools', variant: 'brief' },
      { plan: 'trial-schools', policyVersion: 3, ownership: { offer: 'schools' } },
    ],
    ['max', { offer: 'clubs' }, { plan: 'trial', policyVersion: 1, ownership: { offer: 'clubs', trialOf: 'clubs' } }],
  ])('is built again with its plan, its policy and its trial: %s', async (slug, held, expected) => {
    const { authorization } = await signedUp(`${slug}@example.com`, held)
    const building = await siteOf(authorization, slug)
    expect(building).toMatchObject({ status: 'building', ...expected })
    const { context, commit } = givenSites(stage)
    await commit(failBuild(building as BuildingSite, { step: 'start', reason: 'It could not be started.' }, context))
    const headers = await stage.operator('support@example.com', 'support')
    const { json } = await post(`/v1/operator/sites/${building.id}/retry`, { reason: 'a test' }, headers)
    expect(json['id']).not.toBe(building.id)
    const site = await stage.store.sites.get(json['id'] as never)
    expect(site).toMatchObject({ status: 'building', ...expected })
  })
})

describe('an offer that has ended', () => {
  it('opens no account and gives no site, and lets those in who have an account, who can get the installation’s own', async () => {
    const known = await signedUp('zoe@example.com', { offer: 'schools' })
    await signedUp('ian@example.com', { offer: 'schools' })
    stage.turnClock(Date.parse('2026-07-01T00:00:00.000Z') - Date.parse(stage.now()))
    const { id } = (await post('/v1/signups', { email: 'jon@example.com', offer: 'schools' })).json
    const refused = await post(`/v1/signups/${id}/verification`, { code: stage.codeFor('jon@example.com') })
    expect([refused.status, refused.json['type']]).toEqual([403, 'urn:sitewright:problem:offer-closed'])
    expect(refused.json['detail']).toContain('until 2026-06-30')
    const again = await signedUp('zoe@example.com', { offer: 'schools' })
    expect(again.accountId).toBe(known.accountId)
    const { authorization } = again
    const site = await post('/v1/sites', { slug: 'ida' }, { authorization })
    expect(site.json['type']).toBe('urn:sitewright:problem:offer-closed')
    const own = await signedUp('ida@example.com')
    expect(await siteOf(own.authorization, 'ida')).toMatchObject({ plan: 'trial', policyVersion: 1 })
  })

  it('lets those who are signed in by it ask for a site of the installation’s own', async () => {
    const { authorization } = await signedUp('ian@example.com', { offer: 'schools' })
    const site = await siteOf(authorization, 'ian', undefined, { offer: 'default' })
    expect(site).toMatchObject({ plan: 'trial', policyVersion: 1 })
    expect(site).not.toHaveProperty('ownership.offer')
  })

  it('opens the account of who is invited to a team of its accounts, and gives it no site', async () => {
    const { authorization } = await signedUp('zoe@example.com', { offer: 'schools' })
    await post('/v1/team/invitations', { email: 'joy@example.com', role: 'viewer' }, { authorization })
    const { id } = (await post('/v1/signups', { email: 'joy@example.com', offer: 'schools' })).json
    const { status, json } = await post(`/v1/signups/${id}/verification`, { code: stage.codeFor('joy@example.com') })
    expect(status).toBe(200)
    const { token } = json['session'] as { token: string }
    const site = await post('/v1/sites', { slug: 'joy' }, { authorization: `Bearer ${token}` })
    expect([site.status, site.json['type']]).toEqual([403, 'urn:sitewright:problem:offer-closed'])
  })
})
