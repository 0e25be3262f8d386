import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Answer, call } from '../../e2e/call.ts'
import { shopBlueprint, shopProgram } from '../../e2e/shop.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { createSite, getSite, signIn } from '../../e2e/visitor.ts'
import { staffHeaders } from '../../support/cells-of-host.ts'
import { digestsOf, keyIn, runSite } from '../../support/site-command.ts'
import { type StartedHost, startHost } from '../../support/start-host.ts'
import { waitFor } from '../../support/wait-for.ts'
import { clientSettings } from '../client-settings.ts'
import { siteIn } from '../support/aging.ts'
import { archiverProcess } from '../support/archiver-process.ts'
import { describeFunctions } from '../support/lambda-settings.ts'
import { asProcesses } from '../support/played-task.ts'
import { probeImageOnAws } from '../support/probe-blueprint.ts'
import { startAws } from '../support/start-aws.ts'
import { type Installation, openInstallation, siteIdOf, sitesDomain } from './installation.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))
// A stage with two cells.
vi.mock('../../../sitewright.config.ts', async (load) => {
  const { default: config } = await load<typeof import('../../../sitewright.config.ts')>()
  const { production } = config.stages
  const cells = ['a', 'b'].map((name) => ({ ...production!.cells[0]!, name }))
  return { default: { ...config, stages: { production: { ...production, cells } } } }
})

// Two installations, and ten commands between them.
vi.setConfig({ testTimeout: 1_200_000 })

/** The emulator itself: later `AWS_ENDPOINT_URL` names a proxy before it. */
const { endpoint: emulator } = clientSettings()

const onAws = parseBlueprint(
  { ...shopBlueprint, containers: shopBlueprint.containers.map((one) => ({ ...one, image: probeImageOnAws })) },
  'the blueprint on AWS',
)
const runShop = asProcesses(() => [process.execPath, shopProgram])

const bundles = await temporaryDirectory()
let host: StartedHost
let installation: Installation
beforeAll(async () => {
  await writeFile(join(bundles.path, 'welcome.json'), JSON.stringify(shopBlueprint))
  // Before the environment is the stage's.
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: bundles.path } })
  const aws = await startAws({
    run: (containers, place) =>
      containers[0]?.name === 'archiver' ? archiverProcess(containers, place) : runShop(containers, place),
  })
  installation = await openInstallation({ blueprint: onAws, engine: undefined, aws, cells: ['a', 'b'] })
  await describeFunctions(installation.world, ['start-site', 'clear-leftovers'])
})
afterAll(async () => {
  await host?.stop()
  await installation?.close()
  await bundles[Symbol.asyncDispose]()
})

const headers = () => ({ authorization: `Bearer ${installation.administrator}` })

const ask = <Body = Record<string, unknown>>(method: string, path: string, body?: object): Promise<Answer<Body>> =>
  call<Body>(installation.edge.distribution, { method, path, headers: headers(), ...(body && { body }) })

/** A command of `npm run site` at the stage. No sweep runs. */
const runAtStage = (parameters: readonly string[], more: NodeJS.ProcessEnv = {}) => {
  const { world, edge, administrator } = installation
  const environment = {
    AWS_ENDPOINT_URL: world.environment['AWS_ENDPOINT_URL'],
    // The proxy before the emulator passes on text alone, and archives are bytes.
    AWS_ENDPOINT_URL_S3: emulator,
    AWS_REGION: world.environment['AWS_REGION'],
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    SITEWRIGHT_OPERATOR_TOKEN: administrator,
    ...more,
  }
  return runSite({ url: `http://localhost:${edge.distribution.port}` }, parameters, environment)
}

const changeCell = async (siteId: SiteId, cell: string): Promise<void> => {
  const { world } = installation
  const before = await siteIn(world, siteId, 'active')
  const answer = await ask('POST', `/v1/operator/sites/${siteId}/relocation`, { cell, reason: 'more room' })
  expect([answer.status, answer.json['detail']]).toEqual([202, undefined])
  await world.settled()
  const after = await siteIn(world, siteId, 'active')
  expect([before.cell, after.cell, after.operation]).toEqual([expect.not.stringMatching(cell), cell, undefined])
  expect(after.generation).toBe(before.generation + 1)
}

const written = { entries: ['written at home'], theme: 'dark', key: 'the planted key of the customer' }
const shown = async () =>
  (
    await waitFor(async () => {
      const answer = await installation.visit('shop', '/')
      return answer.status === 200 && answer
    })
  ).json

it('a site goes from a machine to a stage, changes cells there, and comes home, and all of its files are the same', async () => {
  const ada = await signIn(host, 'ada@example.com')
  const id = siteIdOf((await createSite(host, ada, { slug: 'shop' })).json)
  const isIdle = () =>
    waitFor(async () => {
      const { status, operation } = await getSite(host, ada, id)
      return status === 'active' && operation === null
    })
  await isIdle()
  const staff = await staffHeaders(host, 'grace@example.com')
  const change = { variables: { THEME: 'dark' }, secrets: { API_KEY: written.key }, basedOn: 0, reason: 'a test' }
  await call(host, { method: 'POST', path: `/v1/operator/sites/${id}/configuration`, headers: staff, body: change })
  await isIdle()
  await call(host, { at: 'shop.localhost', method: 'POST', path: '/', body: 'written at home' })

  const there = join(bundles.path, 'there')
  const succeeded = { code: 0, said: expect.any(String) }
  expect(await runSite(host, ['leave', id, '--hostname', `shop.${sitesDomain}`])).toEqual(succeeded)
  const exported = await runSite(host, ['export', id, '--to', there])
  expect(exported).toEqual(succeeded)
  const thereKey = { SITEWRIGHT_BUNDLE_KEY: keyIn(exported.said) }
  const imported = await runAtStage(['import', there, '--stage', 'production'], thereKey)
  expect(imported).toEqual({ code: 0, said: expect.stringContaining(`It runs: https://shop.${sitesDomain}`) })
  expect(await shown()).toMatchObject(written)
  expect(await runAtStage(['import', there, '--stage', 'production'], thereKey)).toEqual({
    code: 0,
    said: expect.stringContaining('Nothing was changed'),
  })

  await changeCell(id, (await siteIn(installation.world, id, 'active')).cell === 'a' ? 'b' : 'a')
  expect(await shown()).toMatchObject(written)

  const back = join(bundles.path, 'back')
  const home = `http://shop.localhost:${host.port}`
  expect(await runAtStage(['leave', id, '--hostname', home])).toEqual(succeeded)
  const returned = await runAtStage(['export', id, '--to', back, '--stage', 'production'])
  expect(returned).toEqual(succeeded)
  expect(await digestsOf(back)).toEqual(await digestsOf(there))
  const redirected = await installation.visit('shop', '/a')
  expect([redirected.status, redirected.headers.location]).toEqual([308, `${home}/a`])

  const backKey = { SITEWRIGHT_BUNDLE_KEY: keyIn(returned.said) }
  expect(await runSite(host, ['import', back], backKey)).toEqual({ code: 0, said: expect.stringContaining('It runs') })
  expect((await call(host, { at: 'shop.localhost', path: '/' })).json).toMatchObject(written)
  expect(installation.events.failures()).toEqual([])
})
