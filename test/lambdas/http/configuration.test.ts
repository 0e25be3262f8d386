import { ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import type { OperatorRole } from '../../../core/events/actor.ts'
import { endOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { moveOver } from '../../../lambdas/releases/swap/swap-changes.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { type GivenSites, givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const planted = 'planted-secret-of-the-customer'

let stage: ApiStage
let given: GivenSites
let site: ActiveSite

beforeAll(async () => {
  stage = await openApiStage(() => ({ abuse: unlimited }))
  given = givenSites(stage)
  const [web] = welcome(1).containers
  const blueprint = blueprintSchema.parse({
    ...welcome(1),
    containers: [{ ...web, variables: ['THEME', 'LOGO'], secrets: ['KEY', 'SESSION_KEY'] }],
    variables: {
      THEME: { description: 'The colours.', default: 'light', values: ['light', 'dark'] },
      LOGO: {},
      KEY: { secret: true, description: 'Of another system.' },
    },
  })
  await stage.store.blueprints.publish(blueprint)
  const owner = await signIn(stage, 'ada@example.com')
  site = await given.active(owner.accountId, 'shop')
})
afterAll(async () => stage?.[Symbol.asyncDispose]())

const send = async (what: string, body?: object, role: OperatorRole = 'admin') =>
  stage.send({
    method: body === undefined ? 'GET' : 'POST',
    path: `/v1/operator/sites/${site.id}/configuration${what}`,
    headers: await stage.operator(`${role}@example.com`, role),
    ...(body && { body }),
  })

/** What the workflow does once the site is healthy. */
const move = async (): Promise<void> => {
  const found = (await stage.store.sites.get(site.id)) as ActiveSite & SiteUnder<'upgrade'>
  const size = { cpu: 0.5, memoryMiB: 256, processes: 64 }
  const moved = { endpoint: { host: '127.0.0.1', port: 4002 }, launch: { blueprint: {}, size } }
  await given.commit(endOperation(await given.commit(moveOver(found, moved, given.context)), 'done', given.context))
}

const reason = 'Contract 4711'

it('shows what can be set, sets it, and names versions with author and reason, never a secret', async () => {
  expect((await send('')).json).toEqual({
    inUse: 0,
    applying: null,
    variables: [
      { name: 'LOGO', description: null, required: false, value: null, default: null, values: null },
      {
        name: 'THEME',
        description: 'The colours.',
        required: false,
        value: null,
        default: 'light',
        values: ['light', 'dark'],
      },
    ],
    secrets: [
      { name: 'KEY', description: 'Of another system.', required: false, set: null },
      { name: 'SESSION_KEY', description: null, required: false, set: null },
    ],
    versions: [],
  })
  const begun = await send('', { variables: { THEME: 'dark' }, secrets: { KEY: planted }, basedOn: 0, reason })
  expect(begun).toMatchObject({ status: 202, json: { id: site.id, operation: 'upgrade' } })
  expect((await send('')).json).toMatchObject({ inUse: 0, applying: 1 })
  await move()
  const after = await send('')
  expect(after.json).toMatchObject({
    inUse: 1,
    applying: null,
    variables: [{ name: 'LOGO' }, { name: 'THEME', value: 'dark' }],
    secrets: [
      { name: 'KEY', set: { version: 1, at: stage.now() } },
      { name: 'SESSION_KEY', set: null },
    ],
    versions: [{ version: 1, basedOn: 0, reason, actor: { role: 'admin' }, changed: ['THEME', 'KEY'] }],
  })
  const applied = await send('/0/apply', { reason: 'The defaults again' })
  expect(applied).toMatchObject({ status: 202, json: { operation: 'upgrade' } })
  await move()
  expect((await send('')).json).toMatchObject({ inUse: 0, versions: [{ version: 1 }] })
})

it.each([
  [{ variables: { NONE: 'x' } }, 'variables.NONE'],
  [{ variables: { THEME: 'red' } }, 'variables.THEME'],
  [{ variables: { LOGO: `a\0${planted}` } }, 'variables.LOGO'],
  [{ variables: { LOGO: 'x'.repeat(4097) } }, 'variables.LOGO'],
  [{ secrets: { KEY: 'short' } }, 'secrets.KEY'],
  [{ secrets: { KEY: `${planted}\u0007` } }, 'secrets.KEY'],
  [{ secrets: { KEY: planted.repeat(200) } }, 'secrets.KEY'],
  [{ secrets: { THEME: planted } }, 'secrets.THEME'],
  [{ secrets: { '__proto__ x': planted } }, 'secrets'],
  [{ secrets: { KEY: 5 } }, 'secrets.KEY'],
])('refuses what cannot be set, by its name: %#', async (values, path) => {
  const answer = await send('', { ...values, basedOn: 0, reason })
  expect(answer.status).toBe(400)
  expect(answer.json['errors'] ?? answer.json['fields'] ?? answer.text).toBeDefined()
  expect(answer.text).toContain(path)
  expect(answer.text).not.toContain(planted)
})

it('refuses a change of what is not in use, and an unknown version', async () => {
  const late = await send('', { variables: { LOGO: 'x' }, basedOn: 7, reason })
  expect(late.status).toBe(409)
  expect((await send('/7/apply', { reason })).status).toBe(404)
  expect((await send('/-1/apply', { reason })).status).toBe(400)
})

it('is for administrators alone', async () => {
  for (const role of ['support', 'sales'] as const) {
    expect((await send('', undefined, role)).status).toBe(403)
    expect((await send('', { variables: { LOGO: 'x' }, basedOn: 0, reason }, role)).status).toBe(403)
    expect((await send('/0/apply', { reason }, role)).status).toBe(403)
  }
})

it('leaves a secret in no item, log line, event and audit entry', async () => {
  const tables = tablesOf('sitewright')
  const items = await Promise.all(
    [...new Set(Object.values(tables))].map(
      async (TableName) => (await stage.client.send(new ScanCommand({ TableName }))).Items,
    ),
  )
  const stored = JSON.stringify(items)
  expect(stored).toContain('operatorChangeConfiguration')
  expect(stored).toContain('CONFIGURATION#')
  for (const text of [stored, stage.logLines.join('\n')]) {
    for (const form of [planted, Buffer.from(planted).toString('base64').slice(0, -4), encodeURIComponent(planted)]) {
      expect(text).not.toContain(form)
    }
  }
  const history = await stage.send({
    method: 'GET',
    path: `/v1/operator/sites/${site.id}/events`,
    headers: await stage.operator('support@example.com', 'support'),
  })
  expect(history.text).toContain(reason)
  expect(history.text).not.toContain(planted)
})
