import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { writeBlueprint } from '../e2e/blueprints.ts'
import { call } from '../e2e/call.ts'
import { endOfHost } from '../e2e/end-of-host.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { createSite, getSite, signIn, writeEntry } from '../e2e/visitor.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'

let blueprints: Awaited<ReturnType<typeof temporaryDirectory>>
let host: StartedHost

const writeGood = () => writeBlueprint(blueprints.path, { command: ['node', 'server.ts'] })

beforeAll(async () => {
  blueprints = await temporaryDirectory()
  await writeGood()
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
})

afterAll(async () => {
  await host?.stop()
  await blueprints?.[Symbol.asyncDispose]()
})

const file = () => join(blueprints.path, 'welcome.json')
const goodText = () => readFile(file(), 'utf8')

test.each([
  [
    'text that is no YAML',
    'name: welcome\nversion: [1\n',
    /welcome\.json is not valid YAML: .* at line \d+, column \d+/,
  ],
  [
    'a field that is wrong',
    '{"name":"welcome","version":"one"}',
    /welcome\.json is not a valid blueprint:\n(.*\n)* {2}version: /,
  ],
  [
    'a blueprint that is not the one offered',
    undefined,
    /blueprint 'welcome' is offered in sitewright\.config\.ts, but no file in .* has it/,
  ],
])('%s is told by its file and place, and a host that runs does not mind', async (_, text, message) => {
  await writeGood()
  if (text === undefined) await writeFile(file(), (await goodText()).replace('"name":"welcome"', '"name":"other"'))
  else await writeFile(file(), text)
  await using home = await temporaryDirectory()
  const { code, output } = await endOfHost({
    SITEWRIGHT_HOME: home.path,
    SITEWRIGHT_BLUEPRINTS: blueprints.path,
    PORT: String(await findFreePort()),
  })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: /)
  expect(output).toMatch(message)
  expect(output).not.toContain('    at ')
  expect((await call(host, { path: '/v1/health' })).status).toBe(200)
})

test('a host that runs keeps building what it published, whatever its files have become', async () => {
  await writeFile(file(), 'name: [')
  const ada = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, ada, { slug: 'ada' })).json
  await waitFor(async () => (await getSite(host, ada, id)).status === 'active')
  expect((await writeEntry(host, 'ada', 'it works')).status).toBe(201)
})
