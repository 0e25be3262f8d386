import { describe, expect, it } from 'vitest'
import type { Site } from '../../../core/site/site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'
import {
  ada,
  at,
  copied,
  deployFile,
  giveEnvironments,
  production,
  read,
  run,
  send,
  stage,
} from './environment-stage.ts'

const image = `docker.io/library/node@sha256:${'a'.repeat(64)}`
const fileOf = (more: object = {}) => ({
  ...{ name: 'shop', title: 'Shop', containers: [{ name: 'web', image }], traffic: { container: 'web' } },
  ...{ data: { mode: 'exclusive' }, anonymise: { command: ['dump'], load: ['load'] }, environments: {} },
  ...more,
})
const steals = { file: fileOf({ anonymise: { command: ['cp', '-a'], load: ['true'] } }) }

giveEnvironments()

type Headers = SignedIn['headers'] & Readonly<Record<string, string>>
const tokenWith = async (more: object): Promise<Headers> => {
  const body = { name: 'CI', role: 'developer', siteId: production.id, ...more }
  const { json } = await send('POST', '/v1/team/tokens', body)
  return { authorization: `Bearer ${json['token']}` }
}
const memberWith = async (role: string): Promise<Headers> => {
  const email = `${role}-of-${ada.accountId}@example.com`
  await send('POST', '/v1/team/invitations', { email, role })
  const { headers } = await signIn(stage, email)
  const { json } = await send('GET', '/v1/invitations', undefined, headers)
  const [{ id }] = json['invitations'] as [{ id: string }]
  await send('POST', `/v1/invitations/${id}/acceptance`, undefined, headers)
  return { ...headers, 'sitewright-account': ada.accountId }
}
const asked = async (headers: Headers, body: object) => {
  const { status, json } = await send('POST', at(), body, headers)
  return { status, detail: json['detail'], id: json['id'] as Site['id'] }
}
const detailOf = async (headers: Headers, method: 'GET' | 'POST', path: string, body?: object) =>
  String((await send(method, path, body, headers)).json['detail'])

describe('a version that is submitted to anonymise a copy of production', () => {
  const refused = { status: 403, detail: expect.stringContaining('You may not deploy to production') as string }

  it('is refused to a token without production, whatever says that the data is anonymised', async () => {
    await deployFile(production.id, fileOf())
    await copied(production.id)
    const [closed, open] = [await tokenWith({}), await tokenWith({ production: true })]
    expect(await asked(closed, { name: 'a', deployment: steals, data: 'anonymised' })).toMatchObject(refused)
    const byBlock = { ...steals.file, environments: { 'feature/*': { data: 'anonymised' } } }
    expect(await asked(closed, { branch: 'feature/a', deployment: { file: byBlock } })).toMatchObject(refused)
    expect(await asked(closed, { name: 'a', data: 'anonymised' })).toMatchObject({ status: 202 })
    expect(await asked(open, { name: 'b', deployment: steals, data: 'anonymised' })).toMatchObject({ status: 202 })
  })

  it('is refused to developers of a production that owners keep to themselves', async () => {
    await deployFile(production.id, fileOf())
    await copied(production.id)
    const leo = await memberWith('developer')
    const request = { name: 'a', deployment: steals, data: 'anonymised' }
    const path = `/v1/sites/${production.id}/protection`
    await stage.send({ method: 'PUT', path, headers: ada.headers, body: { ownersOnly: true } })
    expect(await asked(leo, request)).toMatchObject(refused)
    expect(await asked(leo, { name: 'b', deployment: steals })).toMatchObject({ status: 202 })
    const rename = { method: 'PATCH', path: `/v1/sites/${production.id}`, body: { name: 'Shop' } } as const
    expect((await stage.send({ ...rename, headers: leo })).status).toBe(403)
    expect((await stage.send({ ...rename, headers: ada.headers })).status).toBe(200)
    await stage.send({ method: 'PUT', path, headers: ada.headers, body: { ownersOnly: false } })
    expect(await asked(leo, request)).toMatchObject({ status: 202 })
  })
})

describe('an environment with the data of production', () => {
  const content = [
    ...([
      ['openEntrance', 'POST', '/entrance'],
      ['getConfiguration', 'GET', '/configuration'],
    ] as const),
    ...([
      ['explainSite', 'GET', '/explanation'],
      ['createDeployment', 'POST', '/deployments', { file: {} }],
    ] as const),
    ...([['promoteDeployment', 'POST', '/deployments/promote', { from: 'production' }]] as const),
    ...([
      ['rollBackDeployment', 'POST', '/deployments/rollback', {}],
      ['openPush', 'POST', '/deployments/push'],
    ] as const),
    ...([['changeConfiguration', 'POST', '/configuration', { variables: {}, secrets: {} }]] as const),
    ...([['readLogs', 'GET', '/logs']] as const),
  ] as const

  it('is as closed to tokens without production as production is, and one without it is open', async () => {
    await deployFile(production.id, fileOf())
    await copied(production.id)
    const { id } = await asked(ada.headers, { name: 'whole', data: 'copy', reason: 'Bug 4711' })
    const empty = await asked(ada.headers, { name: 'empty' })
    await run(id)
    await run(empty.id)
    const [closed, open] = [await tokenWith({}), await tokenWith({ production: true })]
    const refusal = "'whole' has production's data, and this token does not reach production"
    for (const [operation, method, path, body] of content) {
      const isRefused = async (headers: Headers, site: Site['id']) =>
        (await detailOf(headers, method, `/v1/sites/${site}${path}`, body)).includes(refusal)
      const found = [await isRefused(closed, id), await isRefused(open, id), await isRefused(closed, empty.id)]
      expect([operation, ...found]).toEqual([operation, true, false, false])
    }
  })

  it('pauses for a fresh copy as little as production does, and its newest copy serves', async () => {
    await deployFile(production.id, fileOf())
    await copied(production.id)
    const { id } = await asked(ada.headers, { name: 'whole', data: 'copy', reason: 'Bug 4711' })
    await run(id)
    await copied(id)
    const closed = await tokenWith({})
    for (const from of ['production', 'whole']) {
      const detail = expect.stringContaining(`copy of '${from}', without --fresh`) as string
      const fresh = { name: 'a', from, data: 'anonymised', fresh: true }
      expect(await asked(closed, fresh)).toMatchObject({ status: 403, detail })
    }
    expect([(await read(production.id)).operation, (await read(id)).operation]).toEqual([undefined, undefined])
    expect(await asked(closed, { name: 'a', from: 'whole', data: 'anonymised' })).toMatchObject({ status: 202 })
  })
})

describe('a deployment that did not work', () => {
  it('has lines of output for those who may read the output, and quotes none to others', async () => {
    const { id } = await deployFile(production.id, fileOf())
    const line = 'EACCES: permission denied, open /data/ada@example.com'
    const cause = `'web' was refused a write to /data/ada@example.com: "${line}"`
    const deployed = (await stage.store.deployments.find(production.id, id))!
    await stage.store.deployments.change(deployed, { ...deployed, status: 'went-back', cause, lines: [line] })
    const readers = {
      owner: ada.headers,
      developer: await memberWith('developer'),
      open: await tokenWith({ production: true }),
      viewer: await memberWith('viewer'),
      closed: await tokenWith({}),
      watching: await tokenWith({ production: true, role: 'viewer' }),
    }
    for (const [name, headers] of Object.entries(readers)) {
      const path = `/v1/sites/${production.id}/deployments`
      const list = (await send('GET', path, undefined, headers)).json as { deployments: object[] }
      const one = (await send('GET', `${path}/${id}`, undefined, headers)).json as { deployment: object }
      const isReader = ['owner', 'developer', 'open'].includes(name)
      for (const found of [list.deployments[0], one.deployment]) {
        const seen = isReader ? { cause, lines: [line] } : { cause: "'web' was refused a write." }
        expect([name, found]).toMatchObject([name, seen])
        expect(JSON.stringify(found).includes('ada@example.com')).toBe(isReader)
      }
    }
  })
})
