import { afterAll, describe, expect, it } from 'vitest'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const stage = await openApiStage(() => ({ abuse: unlimited }))
await stage.store.blueprints.publish(welcome(1))
afterAll(() => stage[Symbol.asyncDispose]())

const ask = (headers: Readonly<Record<string, string>>, method: string, path: string, body?: object) =>
  stage.send({ method, path, headers, ...(body && { body }) })

describe('an export', () => {
  it('is a file with everything about the person and the account, and no secret', async () => {
    const path = '/v1/signups'
    const body = { email: 'ada@example.com', name: 'Ada', company: 'Engines', acceptedTerms: true }
    await stage.send({ method: 'POST', path, body })
    const ada = await signIn(stage, 'ada@example.com')
    await givenSites(stage).active(ada.accountId, 'ada-site')
    const answer = await ask(ada.headers, 'GET', '/v1/account/export')
    expect(answer.headers['content-disposition']).toBe('attachment; filename="my-data.json"')
    expect(answer.json).toMatchObject({
      exportedAt: stage.now(),
      person: { email: 'ada@example.com', timeZone: null },
      account: { id: ada.accountId, deletion: null, customerId: null },
      sites: [{ site: { hostname: 'ada-site.localhost', plan: 'trial' }, billing: { state: 'none' }, domains: [] }],
      sessions: [{ createdAt: stage.now() }],
      waitingList: null,
    })
    expect(answer.text).not.toMatch(/token|hash|code/i)
  })
})

describe('a closed account', () => {
  it('refuses acts, shows what it holds, and can be kept by its owner', async () => {
    const bob = await signIn(stage, 'bob@example.com')
    const site = await givenSites(stage).active(bob.accountId, 'bob-site')
    const closed = await ask(bob.headers, 'DELETE', '/v1/account', { confirm: ' Bob@example.com ' })
    expect(closed).toMatchObject({ status: 202, json: { deletion: { requestedAt: stage.now() } } })
    const person = async ({ headers }: typeof bob) => {
      const cookies = [`sitewright_session=${headers.authorization.slice('Bearer '.length)}`]
      return (await stage.send({ path: '/v1/session/person', cookies })).json
    }
    expect(await person(bob)).toMatchObject({ isClosed: true })
    const refused = { status: 409, json: { type: 'urn:sitewright:problem:transition-not-allowed' } }
    for (const [path, body] of [
      ['/v1/sites', { slug: 'another' }],
      [`/v1/sites/${site.id}/resume`],
      [`/v1/sites/${site.id}/checkout`, { plan: 'starter', interval: 'month' }],
      [`/v1/sites/${site.id}/domains`, { hostname: 'www.example.com' }],
    ] as const) {
      expect(await ask(bob.headers, 'POST', path, body)).toMatchObject(refused)
    }
    expect(await ask(bob.headers, 'DELETE', `/v1/sites/${site.id}/deletion`)).toMatchObject(refused)
    expect(await ask(bob.headers, 'GET', `/v1/sites/${site.id}`)).toMatchObject({
      json: { status: 'suspended', deletion: { revocable: true } },
    })
    expect((await ask(bob.headers, 'GET', '/v1/account/export')).status).toBe(200)
    const again = await signIn(stage, 'bob@example.com')
    expect(await ask(again.headers, 'DELETE', '/v1/account/deletion')).toMatchObject({
      status: 200,
      json: { id: bob.accountId, deletion: null },
    })
    expect(await person(again)).toMatchObject({ isClosed: false })
    expect((await ask(again.headers, 'POST', `/v1/sites/${site.id}/extend`)).status).toBe(200)
  })
})
