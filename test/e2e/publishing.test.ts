import { execFile } from 'node:child_process'
import { access, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeBlueprint } from './blueprints.ts'
import { statusOf } from './operating.ts'
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
  await waitFor(async () => (await statusOf(host))?.current === 1)

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
  await waitFor(async () => (await statusOf(host))?.draft.state === 'failed')
  expect(await statusOf(host)).toMatchObject({ current: 1, draft: { version: 2, failure: { cause: 'crash' } } })
  const ada = await signIn(host, 'ada@example.com')
  expect((await createSite(host, ada, { slug: 'ada' })).status).toBe(201)

  expect(await publish(second)).toContain('welcome 2 is a draft.')
  await waitFor(async () => (await statusOf(host))?.current === 2)
  expect(await publish(second)).toContain('welcome 2 is published already.')
  // What version 1 was published with is kept for its sites.
  expect((await readdir(join(host.home, 'versions', 'welcome'))).toSorted()).toEqual(['1', '2'])
  const grace = await signIn(host, 'grace@example.com')
  const { id } = (await createSite(host, grace, { slug: 'grace' })).json
  await waitFor(async () => (await getSite(host, grace, id)).status === 'active')
})

test('custom code extends a version, is proved by a site that nobody gets, and shows as behind', async () => {
  await using blueprints = await temporaryDirectory()
  await using elsewhere = await temporaryDirectory()
  const put = async (name: string, content: object, directory = blueprints.path) => {
    const file = join(directory, `${name}.json`)
    await writeFile(file, JSON.stringify(content))
    return file
  }
  const started = join(elsewhere.path, 'search-started')
  const program = `require('node:fs').writeFileSync(process.env.MARK, ''); setInterval(() => {}, 1000)`
  const acme = {
    name: 'acme',
    version: 1,
    extends: { name: 'welcome', version: 1 },
    title: 'Welcome to Acme',
    plans: ['enterprise'],
    containers: {
      web: { process: { command: ['node', 'server.ts', '--acme'] }, environment: { THEME: 'dark' } },
      search: { image: 'none:1', process: { command: ['node', '-e', program] }, environment: { MARK: started } },
    },
  }
  await writeBlueprint(blueprints.path, { command: ['node', 'server.ts'] })
  // A file of the host waits until the version that it extends is published.
  await put('branch', { name: 'branch', version: 1, extends: { name: 'welcome', version: 1 } })
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
  const run = (...parameters: readonly string[]) =>
    promisify(execFile)(process.execPath, [...parameters, '--url', host.url], { cwd: repository })
  const publish = async (file: string) => (await run('bin/publish.ts', file)).stdout
  await waitFor(async () => (await statusOf(host))?.current === 1)
  await waitFor(async () => (await statusOf(host, 'branch'))?.current === 1)

  // A token must not be enough to run a program on this machine, and no more than the base is known.
  await expect(publish(await put('acme', acme, elsewhere.path))).rejects.toThrow(
    "Copy the file to the host's directory",
  )
  const later = { ...acme, extends: { name: 'welcome', version: 2 } }
  await expect(publish(await put('acme', later))).rejects.toThrow(
    'welcome 2 was never published; the newest version is 1',
  )
  const file = await put('acme', acme)
  expect(await publish(file)).toContain('acme 1 is a draft.')
  await waitFor(async () => (await statusOf(host, 'acme'))?.current === 1)
  expect(await statusOf(host, 'acme')).toMatchObject({
    isOffered: false,
    extends: { name: 'welcome', version: 1, newest: 1 },
    pool: { ready: 0 },
  })
  await access(started)
  expect(await publish(file)).toContain('acme 1 is published already.')
  const ada = await signIn(host, 'ada@example.com')
  expect((await createSite(host, ada, { slug: 'ada', blueprint: 'acme' })).status).toBe(400)

  await writeBlueprint(blueprints.path, { command: ['node', 'server.ts'], version: 2, environment: { THEME: 'blue' } })
  await publish(join(blueprints.path, 'welcome.json'))
  await waitFor(async () => (await statusOf(host, 'acme'))?.extends?.newest === 2)
  const rebase = run('bin/blueprint.ts', 'rebase', file, '--onto', '2')
  await expect(rebase).rejects.toMatchObject({ stdout: expect.stringContaining('THEME: – → blue, and here dark') })
})
