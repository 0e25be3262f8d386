import { afterAll, describe, expect, it } from 'vitest'
import { welcome } from '../../support/provisioning.ts'
import { openApiStage } from '../api-stage.ts'

const stage = await openApiStage(() => ({ offeredBlueprints: ['welcome', 'shop'] }))
await stage.store.blueprints.publish(welcome(1))
await stage.store.blueprints.publish({ ...welcome(1), name: 'shop' })
afterAll(() => stage[Symbol.asyncDispose]())

const signUp = (email: string, blueprint?: string) =>
  stage.send({
    method: 'POST',
    path: '/v1/signups',
    body: { email, ...(blueprint === undefined ? {} : { blueprint }) },
  })

const createdAfter = async (email: string, blueprint: string | undefined, body: object) => {
  const signup = await signUp(email, blueprint)
  const verified = await stage.send({
    method: 'POST',
    path: `/v1/signups/${signup.json['id']}/verification`,
    body: { code: stage.codeFor(email) },
  })
  const authorization = `Bearer ${(verified.json['session'] as { token: string }).token}`
  const created = await stage.send({ method: 'POST', path: '/v1/sites', headers: { authorization }, body })
  const site = await stage.store.sites.get(created.json['id'] as never)
  return site?.blueprint.name
}

describe('a sign-up', () => {
  it('accepts an offered blueprint, which is the default of its site', async () => {
    expect(await createdAfter('ada@example.com', 'shop', { slug: 'ada' })).toBe('shop')
    expect(await createdAfter('bea@example.com', undefined, { slug: 'bea' })).toBe('welcome')
    expect(await createdAfter('cid@example.com', 'shop', { slug: 'cid', blueprint: 'welcome' })).toBe('welcome')
  })

  it('refuses a blueprint that is not offered', async () => {
    const { status, json } = await signUp('dan@example.com', 'wiki')
    expect(status).toBe(400)
    expect(json).toMatchObject({ errors: [{ path: 'blueprint', message: 'must be one of: welcome, shop' }] })
  })
})
