import { afterAll, beforeAll, expect, it } from 'vitest'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { idSchema } from '../../../core/ids.ts'
import { toInstant } from '../../../core/instant.ts'
import { beginGreeting, greetSite } from '../../../lambdas/example/greet-site.ts'
import { greetingOf } from '../../../lambdas/example/greeting.ts'
import { createGreetings } from '../../../lambdas/example/store.ts'
import { functions, tableAccess } from '../../../lambdas/manifest.ts'
import { createWorkflows } from '../../../local/workflows.ts'
import { recordingItems } from '../../lib/support/item-access.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { signIn } from '../sign-in.ts'

let stage: ApiStage
beforeAll(async () => {
  stage = await openApiStage(() => ({ abuse: unlimited }))
  await stage.store.blueprints.publish(welcome(1))
})
afterAll(() => stage[Symbol.asyncDispose]())

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

it('greets a site by its workflow, and shows the greeting to its owner', async () => {
  const { headers } = await signIn(stage, 'owner@example.com')
  const { json } = await stage.send({ method: 'POST', path: '/v1/sites', headers, body: { slug: 'greeted' } })
  const siteId = idSchema('site').parse(json['id'])
  const path = `/v1/sites/${siteId}/greeting`
  expect((await stage.send({ path, headers })).status).toBe(404)

  const ports = { ...stage.store, clocks: { domain: stage.now, wall: stage.now }, brand: 'Acme' }
  const GreetSite = () => greetSite(ports, { siteId })
  const tasks = new Map([['greet-site', new Map([['GreetSite', GreetSite]])]] as const)
  const workflows = createWorkflows({ tasks, atOnce: 1, log })
  await beginGreeting({ workflows }, siteId, 'evt_1')
  await expect.poll(() => workflows.status('greet-site', 'greet-evt_1')).toBe('succeeded')

  expect((await stage.send({ path, headers })).json).toEqual({ text: 'Welcome to Acme.', at: stage.now() })
  const other = await signIn(stage, 'other@example.com')
  expect((await stage.send({ path, headers: other.headers })).status).toBe(404)
})

it('asks for no item that its access does not name', async () => {
  const { client, accesses } = recordingItems()
  const greetings = createGreetings({ client, tables: tablesOf('test') })
  const siteId = idSchema('site').parse('site_01jq3v5k8m0000000000000000')
  await greetings.keep(greetingOf(siteId, 'Acme', toInstant(new Date(0))))
  await greetings.get(siteId)
  const asked = accesses.map(({ action, partitionKeys: [key] }) => `${action} ${key}`)
  const allowed = ['greetings:write', 'greetings:read'].flatMap((use) =>
    tableAccess
      .get(use)!
      .grants.flatMap((grant) =>
        'table' in grant ? grant.actions.map((action) => `dynamodb:${action} ${grant.prefixes[0]}`) : [],
      ),
  )
  expect(asked).toEqual(allowed.map((one) => `${one}#${siteId}`))
})

it('lets no function write greetings but the one that greets', () => {
  const writers = functions.filter(({ uses }) => uses.some((use) => use === 'greetings:write'))
  expect(writers.map(({ name }) => name)).toEqual(['greet-sites'])
})
