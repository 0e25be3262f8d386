import { afterAll, describe, expect, it } from 'vitest'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

const stage = await openApiStage()
const given = givenSites(stage)
const ada = await signIn(stage, 'ada@example.com')
afterAll(() => stage[Symbol.asyncDispose]())

const change = (id: string, body: object, { headers }: SignedIn = ada) =>
  stage.send({ method: 'PATCH', path: `/v1/sites/${id}`, headers, body })

describe('the owner of a site', () => {
  it('renames it: its address stays, and the history says so without the name', async () => {
    const site = await given.active(ada.accountId, 'pumps')
    const name = 'Würth & Söhne 💧 مضخات'
    const { status, json } = await change(site.id, { name: `  ${name} ` })
    expect(status).toBe(200)
    expect(json).toMatchObject({ name, slug: 'pumps', hostname: site.ownership.hostname })
    const path = `/v1/sites/${site.id}/history`
    const { json: history } = await stage.send({ path, headers: ada.headers })
    const renamed = expect.objectContaining({ type: 'SiteRenamed', by: 'owner' })
    expect(history['entries']).toEqual(expect.arrayContaining([renamed]))
    expect(JSON.stringify(history)).not.toContain('Würth')
    expect((await stage.store.sites.get(site.id))?.version).toBe(site.version + 1)
    // Repeating changes nothing.
    expect((await change(site.id, { name })).status).toBe(200)
    expect((await stage.store.sites.get(site.id))?.version).toBe(site.version + 1)
  })

  it('renames it at most twenty times a day, and a repeated name does not count', async () => {
    const site = await given.active(ada.accountId, 'pipes')
    for (let number = 1; number <= 20; number += 1) {
      expect((await change(site.id, { name: `Pipes ${number}` })).status).toBe(200)
      expect((await change(site.id, { name: `Pipes ${number}` })).status).toBe(200)
    }
    expect(await change(site.id, { name: 'Pipes' })).toMatchObject({ status: 429 })
  })

  it('cannot give it an empty, long or split name, and nobody else renames it', async () => {
    const site = await given.active(ada.accountId, 'valves')
    for (const name of ['', ' ', 'x'.repeat(101), 'two\nlines', 7]) {
      expect((await change(site.id, { name })).json).toMatchObject({ errors: [{ path: 'name' }] })
    }
    expect((await change(site.id, {})).status).toBe(400)
    const bob = await signIn(stage, 'bob@example.com')
    expect((await change(site.id, { name: 'Mine' }, bob)).status).toBe(404)
    expect((await stage.store.sites.get(site.id))?.version).toBe(site.version)
  })

  it('renames nothing if the rest of the request is refused', async () => {
    const site = await given.active(ada.accountId, 'taps')
    expect((await change(site.id, { name: 'Taps', sleepAfterMinutes: 10 })).status).toBe(409)
    expect((await stage.store.sites.get(site.id))?.version).toBe(site.version)
  })
})
