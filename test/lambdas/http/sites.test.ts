import { afterAll, describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { idSchema, type SiteId } from '../../../core/ids.ts'
import { toInstant } from '../../../core/instant.ts'
import { failSite } from '../../../lambdas/sites/build/fail-site.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { unobserved } from '../../support/provisioning.ts'
import { openApiStage } from '../api-stage.ts'
import { signIn as signInAt } from '../sign-in.ts'

const stage = await openApiStage()

afterAll(() => stage[Symbol.asyncDispose]())

const signIn = async (email: string, at = stage) => (await signInAt(at, email)).headers

const publish = (at = stage) =>
  at.store.blueprints.publish(
    parseBlueprint(
      {
        name: 'welcome',
        version: 1,
        title: 'Welcome',
        containers: [{ name: 'web', image: 'example/none:1' }],
        traffic: { container: 'web' },
        data: { mode: 'exclusive' },
      },
      'the blueprint',
    ),
  )

const siteIdOf = (json: Record<string, unknown>): SiteId => idSchema('site').parse(json['id'])

const buildPorts = () => ({
  ...stage.store,
  ...unobserved,
  log: recordingLog(),
  clocks: { domain: () => toInstant(new Date()), wall: () => toInstant(new Date()) },
  randomness: createRandomness(),
})

describe('creating a site', () => {
  it('of an unpublished blueprint is a server error and uses no trial', async () => {
    await using empty = await openApiStage()
    const headers = await signIn('early@example.com', empty)
    const request = { method: 'POST', path: '/v1/sites', headers, body: { slug: 'early' } }
    expect((await empty.send(request)).status).toBe(500)
    await publish(empty)
    expect((await empty.send(request)).status).toBe(202)
  })

  it('with an empty pool starts a build that only its owner sees', async () => {
    await publish()
    const headers = await signIn('ada@example.com')
    const created = await stage.send({ method: 'POST', path: '/v1/sites', headers, body: { slug: 'ada', name: 'Ada' } })
    expect(created.status).toBe(202)
    expect(created.headers['location']).toBe(`/v1/sites/${created.json['id']}`)
    expect(created.json).toMatchObject({ slug: 'ada', name: 'Ada', status: 'building', trialEndsAt: null })
    expect(stage.executions).toContain(`provision-site-${created.json['id']}-1-1`)

    const path = String(created.headers['location'])
    expect((await stage.send({ path, headers })).json).toEqual(created.json)
    const stranger = await signIn('eve@example.com')
    expect((await stage.send({ path, headers: stranger })).status).toBe(404)
    expect((await stage.send({ path: '/v1/sites', headers: stranger })).json).toEqual({ sites: [] })
  })

  it('with the same Idempotency-Key returns the same answer', async () => {
    await publish()
    const headers = { ...(await signIn('again@example.com')), 'idempotency-key': 'k' }
    const request = { method: 'POST', path: '/v1/sites', headers, body: { slug: 'again' } }
    const first = await stage.send(request)
    const started = stage.executions.length
    const second = await stage.send(request)
    expect(second).toEqual(first)
    expect(stage.executions).toHaveLength(started)
  })

  it('with the same key after a failed build shows the failed site', async () => {
    await publish()
    const headers = { ...(await signIn('unlucky@example.com')), 'idempotency-key': 'k' }
    const request = { method: 'POST', path: '/v1/sites', headers, body: { slug: 'unlucky' } }
    const { json } = await stage.send(request)
    await failSite(buildPorts(), { siteId: siteIdOf(json), fence: 1 }, 'LaunchFailed')
    const again = await stage.send(request)
    expect(again.status).toBe(200)
    expect(again.json).toMatchObject({ id: json['id'], status: 'failed' })
    const second = await stage.send({ ...request, headers: { ...headers, 'idempotency-key': 'another' } })
    expect(second.status).toBe(202)
    expect(second.json['id']).not.toBe(json['id'])
  })

  it.each(['acme', 'admin'])('with the reserved name %s is refused', async (slug) => {
    const headers = await signIn(`${slug}@example.com`)
    const answer = await stage.send({ method: 'POST', path: '/v1/sites', headers, body: { slug } })
    expect(answer.status).toBe(422)
    expect(answer.json['errors']).toEqual([{ path: 'slug', message: 'is reserved' }])
  })
})

describe('a cookie', () => {
  it('is bound to one host over TLS', async () => {
    await using secure = await openApiStage(() => ({ consoleUrl: 'https://console.example' }))
    const signup = await secure.send({ method: 'POST', path: '/v1/signups', body: { email: 'tls@example.com' } })
    const verified = await secure.send({
      method: 'POST',
      path: `/v1/signups/${signup.json['id']}/verification`,
      body: { code: secure.codeFor('tls@example.com') },
    })
    expect(verified.cookies).toEqual([
      expect.stringMatching(
        /^__Host-sitewright_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ])
    const token = /=([\w-]{43})/.exec(verified.cookies[0] ?? '')?.[1]
    const listWith = (...cookies: string[]) => secure.send({ method: 'GET', path: '/v1/sites', cookies })
    // A page of another host could have set this one, for its own session.
    expect((await listWith(`sitewright_session=${token}`)).status).toBe(401)
    expect((await listWith('sitewright_session=planted', `__Host-sitewright_session=${token}`)).status).toBe(200)
  })
})
