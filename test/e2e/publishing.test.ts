import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeBlueprint } from './blueprints.ts'
import { standingOf } from './operating.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, signIn } from './visitor.ts'

// A new version is built by the next run of the pool, within a minute.
vi.setConfig({ testTimeout: 600_000 })

const repository = fileURLToPath(new URL('../..', import.meta.url))

test('a new version is published without a restart, and one that fails costs neither its number nor a sign-up', async () => {
  await using blueprints = await temporaryDirectory()
  await using elsewhere = await temporaryDirectory()
  await writeBlueprint(blueprints.path, { command: ['node', 'server.ts'] })
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
  await waitFor(async () => (await standingOf(host))?.current === 1)

  const good: string = await readFile(join(blueprints.path, 'welcome.json'), 'utf8')
  const publish = async (text: string, directory = blueprints.path): Promise<string> => {
    const file = join(directory, 'welcome.json')
    await writeFile(file, text)
    const parameters = ['bin/publish.ts', '--url', host.url, file]
    const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: repository })
    return stdout
  }
  const second = good.replace('"version":1', '"version":2')
  // A token must not be enough to run a program on this machine.
  await expect(publish(second, elsewhere.path)).rejects.toThrow("Copy the file to the host's directory")
  expect(await publish(second.replace('server.ts', 'sever.ts'))).toContain('welcome 2 is a draft.')
  await waitFor(async () => (await standingOf(host))?.draft.state === 'failed')
  expect(await standingOf(host)).toMatchObject({ current: 1, draft: { version: 2, failure: { cause: 'crash' } } })
  const ada = await signIn(host, 'ada@example.com')
  expect((await createSite(host, ada, { slug: 'ada' })).status).toBe(201)

  expect(await publish(second)).toContain('welcome 2 is a draft.')
  await waitFor(async () => (await standingOf(host))?.current === 2)
  expect(await publish(second)).toContain('welcome 2 is published already.')
  // What version 1 was published with is kept for its sites.
  expect((await readdir(join(host.home, 'versions', 'welcome'))).toSorted()).toEqual(['1', '2'])
  const grace = await signIn(host, 'grace@example.com')
  const { id } = (await createSite(host, grace, { slug: 'grace' })).json
  await waitFor(async () => (await getSite(host, grace, id)).status === 'active')
})
