import { afterAll, describe, expect, it, test } from 'vitest'
import { offerSchema } from '../../../lambdas/offers/offer.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import { welcome } from '../../support/provisioning.ts'
import { openApiStage } from '../api-stage.ts'
import { signIn } from '../sign-in.ts'

const schools = offerSchema.parse({ id: 'schools', paths: ['/schools'], blueprint: 'shop' })
const offers = createOffers([schools], 'http://localhost:4000')
const stage = await openApiStage(() => ({ offeredBlueprints: ['welcome', 'shop'], offers }))
await stage.store.blueprints.publish(welcome(1))
await stage.store.blueprints.publish({ ...welcome(1), name: 'shop' })
afterAll(() => stage[Symbol.asyncDispose]())

const createdAfter = async (email: string, blueprint: string | undefined, body: object) => {
  const { headers } = await signIn(stage, email, { ...(blueprint && { blueprint }) })
  const token = headers.authorization.slice('Bearer '.length)
  // The page that names the site shows it as chosen, also in another browser than that of the sign-up.
  const person = await stage.send({ path: '/v1/session/person', cookies: [`sitewright_session=${token}`] })
  expect(person.json['blueprint']).toBe(blueprint ?? null)
  const created = await stage.send({ method: 'POST', path: '/v1/sites', headers, body })
  const site = await stage.store.sites.get(created.json['id'] as never)
  return site?.blueprint.name
}

describe('an operator who publishes', () => {
  const publish = async (body: object) => {
    const headers = await stage.operator('grace@example.com', 'admin')
    return stage.send({ method: 'POST', path: '/v1/operator/blueprints', headers, body })
  }
  const reason = 'A contract'
  const acme = { name: 'acme', version: 1, extends: { name: 'shop', version: 1 }, title: 'Acme' }

  it('stores an extension as an ordinary blueprint, which is no longer combined with its base', async () => {
    expect(await publish({ extension: acme, reason })).toMatchObject({ status: 202, json: { state: 'draft' } })
    const resolved = { ...welcome(1), ...acme }
    const draft = async () => (await stage.store.blueprints.status('acme'))?.draft?.blueprint
    expect(await draft()).toEqual(resolved)
    const { containers } = resolved
    const only = { ...resolved, containers: [{ ...containers[0], image: 'acme:1' }] }
    expect((await publish({ blueprint: only, reason })).status).toBe(202)
    expect(await draft()).toEqual(only)
  })

  it.each([
    ['both', { extension: acme, blueprint: welcome(2) }, 'blueprint', 'give either'],
    ['neither', {}, 'blueprint', 'give either'],
    ['an unknown base', { extension: { ...acme, extends: { name: 'lms', version: 1 } } }, 'extends', "blueprint 'lms'"],
    ['an unpublished version', { extension: { ...acme, extends: { name: 'shop', version: 9 } } }, 'extends', 'shop 9'],
    ['no plan of ours', { extension: { ...acme, plans: ['gold'] } }, 'plans', "there is no plan 'gold'"],
    [
      'more than its plan',
      { extension: { ...acme, plans: ['trial'], needs: { features: ['sso'] } } },
      'needs.features',
      "'trial' lacks the feature 'sso'",
    ],
  ])('is told what is wrong with %s', async (_, body, path, message) => {
    const { json } = await publish({ ...body, reason })
    expect(json).toMatchObject({ errors: [{ path, message: expect.stringContaining(message) }] })
  })
})

test('sales list names, versions and plans, and nothing else of a blueprint', async () => {
  await stage.store.blueprints.publish({ ...welcome(1), name: 'shop', version: 2, plans: ['enterprise'] })
  const headers = await stage.operator('sam@example.com', 'sales')
  const { status, json } = await stage.send({ method: 'GET', path: '/v1/operator/blueprint-versions', headers })
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      versions: [
        { name: 'welcome', version: 1, plans: null },
        { name: 'shop', version: 2, plans: ['enterprise'] },
        { name: 'shop', version: 1, plans: null },
      ],
    },
  })
})

describe('a sign-up', () => {
  it('accepts an offered blueprint, which is the default of its site', async () => {
    expect(await createdAfter('ada@example.com', 'shop', { slug: 'ada' })).toBe('shop')
    expect(await createdAfter('bea@example.com', undefined, { slug: 'bea' })).toBe('welcome')
    expect(await createdAfter('cid@example.com', 'shop', { slug: 'cid', blueprint: 'welcome' })).toBe('welcome')
  })

  it('offers those that a site can have by the offer at which it is asked for', async () => {
    const blueprintsAt = async (offer: string, cookies: string[] = []) =>
      (await stage.send({ path: '/v1/session/person', query: { offer }, cookies })).json['blueprints']
    const cookieOf = async (email: string, held: object) => [
      `sitewright_session=${(await signIn(stage, email, held)).headers.authorization.slice('Bearer '.length)}`,
    ]
    const both = ['welcome', 'shop']
    const own = await cookieOf('eva@example.com', {})
    expect([await blueprintsAt('default'), await blueprintsAt('default', own)]).toEqual([both, both])
    expect(await blueprintsAt('schools', own)).toEqual(['shop'])
    const ofSchools = await cookieOf('fin@example.com', { offer: 'schools' })
    expect(await blueprintsAt('default', ofSchools)).toEqual(['shop'])
  })

  it('refuses a blueprint that is not offered', async () => {
    const { status, json } = await stage.send({
      ...{ method: 'POST', path: '/v1/signups' },
      body: { email: 'dan@example.com', blueprint: 'wiki' },
    })
    expect(status).toBe(400)
    expect(json).toMatchObject({ errors: [{ path: 'blueprint', message: 'must be one of: welcome, shop' }] })
  })
})
