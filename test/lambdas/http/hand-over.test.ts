import { afterAll, describe, expect, it } from 'vitest'
import { oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import type { HandOver } from '../../../core/site/hand-over.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { endHandOver, retryHandOver } from '../../../lambdas/sites/hand-over/hand-over-changes.ts'
import { welcome } from '../../support/provisioning.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const stage = await openApiStage(() => ({ secrets: { valueOf: async (id, name) => `${name} of ${id}` } }))
const given = givenSites(stage)
const ada = await signIn(stage, 'ada@example.com')
const bob = await signIn(stage, 'bob@example.com')
await stage.store.blueprints.publish({
  ...welcome(9),
  credentials: [
    { name: oneTimePassword, label: 'First password', user: '${OWNER_EMAIL}' },
    { name: 'ADMIN_TOKEN', label: 'Token of the API' },
  ],
})
afterAll(() => stage[Symbol.asyncDispose]())

let count = 0
const siteWith = async (facts: Partial<ActiveSite>): Promise<ActiveSite> => {
  count += 1
  const site = await given.active(ada.accountId, `site-${count}`)
  // What it was requested with.
  const before = { ...site, blueprint: { name: 'welcome', version: 9 }, handOver: { status: 'pending' as const } }
  const begun = retryHandOver(before, given.context)
  if (begun === undefined) throw new Error('nothing begins')
  await given.commit({ ...begun, before: site })
  const ended = { ...begun.after, ...facts }
  const { operation } = begun.after
  if (operation?.kind !== 'handover') throw new Error('no operation')
  const handOver: HandOver = { status: 'failed', at: stage.now(), reason: 'The site answered 500.' }
  const done = endHandOver({ ...ended, operation }, handOver, given.context)
  return given.commit({ ...done, before: begun.after })
}

const send = (who: { readonly headers: Record<string, string> }, path: string, headers: Record<string, string> = {}) =>
  stage.send({ method: 'POST', path, headers: { ...who.headers, ...headers } })

const siteOf = async ({ id }: ActiveSite) =>
  (await stage.send({ method: 'GET', path: `/v1/sites/${id}`, headers: ada.headers })).json

describe('a hand-over that failed', () => {
  it('is shown to the owner and tried again', async () => {
    const site = await siteWith({})
    expect(await siteOf(site)).toMatchObject({
      operation: null,
      handOver: { status: 'failed', at: stage.now(), reason: 'The site answered 500.', answer: null },
    })
    const answer = await send(ada, `/v1/sites/${site.id}/hand-over`)
    expect(answer.status).toBe(202)
    expect(answer.json).toMatchObject({
      operation: 'handover',
      handOver: { status: 'pending', at: null, reason: null, answer: null },
    })
    expect(stage.executions).toContain(`handover-site-${site.id}-${site.version + 1}-1`)
    expect((await send(ada, `/v1/sites/${site.id}/hand-over`)).status).toBe(202)
  })

  it('is no business of another account, nor of a site without one', async () => {
    const site = await siteWith({})
    expect((await send(bob, `/v1/sites/${site.id}/hand-over`)).status).toBe(404)
    const plain = await given.active(ada.accountId, 'plain')
    expect((await siteOf(plain))['handOver']).toBeNull()
    expect((await send(ada, `/v1/sites/${plain.id}/hand-over`)).status).toBe(409)
  })
})

describe('the credentials of a site', () => {
  const credentialsOf = ({ id }: ActiveSite) => [
    { label: 'First password', user: 'ada@example.com', value: `${oneTimePassword} of ${id}` },
    { label: 'Token of the API', user: null, value: `ADMIN_TOKEN of ${id}` },
  ]

  it('are shown to the owner once, recorded, and in no log', async () => {
    const site = await siteWith({ credentials: { shownAt: null } })
    expect((await siteOf(site))['credentials']).toEqual({ shownAt: null })
    const answer = await send(ada, `/v1/sites/${site.id}/credentials`)
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json).toEqual({ credentials: credentialsOf(site) })
    expect((await siteOf(site))['credentials']).toEqual({ shownAt: stage.now() })
    const again = await send(ada, `/v1/sites/${site.id}/credentials`)
    expect(again.status).toBe(409)
    expect(JSON.stringify(again.json)).not.toContain('ADMIN_TOKEN of')
    const { items: entries } = await stage.store.auditLog.page({ order: 'oldest first', limit: 100 })
    expect(entries.filter(({ action }) => action === 'revealCredentials')).toMatchObject([
      { targets: [site.id, ada.accountId] },
      { targets: [site.id, ada.accountId] },
    ])
    const stored = JSON.stringify([await stage.store.sites.get(site.id), await stage.store.outbox.pending(), entries])
    for (const text of [stored, stage.logLines.join('\n')]) expect(text).not.toContain('ADMIN_TOKEN of')
  })

  it('are those that the data of a clone has of its source', async () => {
    const source = await siteWith({})
    const dataSecrets = { [oneTimePassword]: source.id, ADMIN_TOKEN: source.id }
    const environmentOf = { siteId: source.id, name: 'qa', dataSecrets }
    const clone = await siteWith({ credentials: { shownAt: null }, environmentOf })
    const { json } = await send(ada, `/v1/sites/${clone.id}/credentials`)
    expect(json).toEqual({ credentials: credentialsOf(source) })
  })

  it('are shown again to a repeated request only', async () => {
    const site = await siteWith({ credentials: { shownAt: null } })
    const path = `/v1/sites/${site.id}/credentials`
    const key = { 'idempotency-key': 'a-key' }
    expect((await send(ada, path, key)).json).toEqual({ credentials: credentialsOf(site) })
    expect((await send(ada, path, key)).json).toEqual({ credentials: credentialsOf(site) })
    expect((await send(ada, path, { 'idempotency-key': 'another' })).status).toBe(409)
    const other = await siteWith({ credentials: { shownAt: null } })
    expect((await send(ada, `/v1/sites/${other.id}/credentials`, key)).status).toBe(422)
  })

  it('are not found by another account, and refused where there are none', async () => {
    const site = await siteWith({ credentials: { shownAt: null } })
    expect((await send(bob, `/v1/sites/${site.id}/credentials`)).status).toBe(404)
    expect((await send({ headers: {} }, `/v1/sites/${site.id}/credentials`)).status).toBe(401)
    expect((await siteOf(site))['credentials']).toEqual({ shownAt: null })
    const plain = await given.active(ada.accountId, 'bare')
    expect((await send(ada, `/v1/sites/${plain.id}/credentials`)).status).toBe(409)
  })

  it('are shown once to many at the same moment', async () => {
    const site = await siteWith({ credentials: { shownAt: null } })
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(ada, `/v1/sites/${site.id}/credentials`)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409])
  })
})
