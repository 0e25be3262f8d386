import { afterAll, describe, expect, it } from 'vitest'
import { finish, request } from '../../adapters/dynamodb/made-changes.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const stage = await openApiStage()
const ada = await signIn(stage, 'ada@example.com')
const headers = { authorization: (await stage.operator('eve@example.com', 'sales')).authorization }
afterAll(() => stage[Symbol.asyncDispose]())

const list = (query: Readonly<Record<string, string>>) => stage.send({ path: '/v1/operator/sites', query, headers })
const found = async (query: Readonly<Record<string, string>>) => {
  const { status, json } = await list(query)
  expect(status).toBe(200)
  return (json['sites'] as { id: string }[]).map(({ id }) => id)
}

describe('the search of operators', () => {
  it('finds a site by words of its slug and its name, also after its owner renames it', async () => {
    const site = await givenSites(stage).active(ada.accountId, 'pumps-and-taps')
    expect(await found({ words: 'taps pum' })).toEqual([site.id])
    const renamed = {
      method: 'PATCH',
      path: `/v1/sites/${site.id}`,
      headers: ada.headers,
      body: { name: 'North Bakery' },
    }
    expect((await stage.send(renamed)).status).toBe(200)
    expect(await found({ words: 'BAKERY' })).toEqual([site.id])
    expect(await found({ words: 'bakery', status: 'archived' })).toEqual([])
    expect(await found({ words: '?!' })).toEqual([])
    const { status, json } = await list({ words: 'bakery', hostname: site.ownership.hostname })
    expect([status, json]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'words' })] }),
    ])
  })

  it('leaves out the pool on demand', async () => {
    const building = request()
    const { id } = building.after
    for (const change of [building, finish(building.after)]) await stage.store.sites.commit(change)
    expect(await stage.store.sites.get(id)).toMatchObject({ status: 'ready' })
    expect(await found({})).toContain(id)
    const owned = await found({ owned: 'true' })
    expect(owned).not.toContain(id)
    expect(owned.length).toBeGreaterThan(0)
  })
})
