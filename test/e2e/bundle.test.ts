import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, poolIsFull, signIn } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

const page = fileURLToPath(new URL('../../docs/bundles.md', import.meta.url))
const directory = fileURLToPath(new URL('.', import.meta.url))
const program = fileURLToPath(new URL('../../bin/site.ts', import.meta.url))

const blueprint = {
  name: 'welcome',
  version: 1,
  title: 'For a test',
  access: 'public',
  variables: { THEME: { default: 'light' }, API_KEY: { secret: true } },
  containers: [
    {
      name: 'web',
      image: 'sitewright/none:1',
      process: { command: ['node', 'locked-product.mjs'], directory },
      variables: ['THEME'],
      secrets: ['API_KEY', 'DB_PASSWORD'],
    },
  ],
  traffic: { container: 'web', healthPath: '/', startSeconds: 10 },
  data: { mode: 'exclusive' },
}

type Host = Awaited<ReturnType<typeof startHost>>

/** What a command of `npm run site` prints; what it complains about, if it fails. */
const site = async (host: Host, parameters: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
  const all = [program, ...parameters, '--url', host.url, '--reason', 'a test']
  const env = { PATH: process.env['PATH'], SITEWRIGHT_HOME: host.home, ...environment }
  return promisify(execFile)(process.execPath, all, { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  )
}

/** The commands of the page for administrators, in their order. */
const commandsOf = async (): Promise<readonly string[]> =>
  [...(await readFile(page, 'utf8')).matchAll(/^```sh\n(.*?)^```/gms)].map(([, command = '']) => command)

/** What a command of the page prints, in the directory of the bundles. */
const runIn =
  (cwd: string, environment: NodeJS.ProcessEnv) =>
  async (host: Host, command = ''): Promise<string> => {
    const env = { PATH: process.env['PATH'], SITEWRIGHT_HOME: host.home, ...environment }
    const here = command.replaceAll('npm run --silent site --', `"${process.execPath}" "${program}"`)
    return (await promisify(execFile)('bash', ['-c', here], { env, cwd })).stdout
  }

const keyIn = (said: string): string => /swbk_[\w-]{43}/.exec(said)?.[0] ?? ''

/** The digests of all files of a bundle's data, by their paths. */
const digestsOf = async (bundle: string): Promise<Readonly<Record<string, string>>> => {
  const lines = (await readFile(join(bundle, 'archive.manifest.jsonl'), 'utf8')).trim().split('\n').slice(1, -1)
  const entries = lines.map((line) => JSON.parse(line) as { path: string; type: string; sha256?: string })
  return Object.fromEntries(entries.map(({ path, type, sha256 }) => [path, sha256 ?? type]))
}

const filesBelow = async (path: string): Promise<readonly Buffer[]> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return Promise.all(entries.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name))))
}

const tokenOf = async (host: Host): Promise<{ readonly authorization: string }> => {
  const body = { email: 'grace@example.com', role: 'admin' }
  const { json } = await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })
  return { authorization: `Bearer ${json.token}` }
}

const answer = async (host: Host) =>
  (await call<Record<string, unknown>>(host, { at: 'shop.localhost', path: '/' })).json

test('a site with a database goes to a second home and back, and all of its files are the same', async () => {
  await using blueprints = await temporaryDirectory()
  await using bundles = await temporaryDirectory()
  await writeFile(join(blueprints.path, 'welcome.json'), JSON.stringify(blueprint))
  const env = { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path }
  await using first = await startHost({ env })
  // A site of the pool proves the blueprint there.
  await using second = await startHost({ env: { ...env, SITEWRIGHT_POOL_SIZE: '1' } })
  await poolIsFull(second)
  const ada = await signIn(first, 'ada@example.com')
  const { id } = (await createSite(first, ada, { slug: 'shop' })).json
  const headers = await tokenOf(first)
  const isIdle = async (host: Host, owner: Awaited<ReturnType<typeof signIn>>) =>
    waitFor(async () => {
      const { status, operation } = await getSite(host, owner, id)
      return status === 'active' && operation === null ? true : undefined
    })
  await isIdle(first, ada)
  const planted = 'the planted key of the customer'
  const change = { variables: { THEME: 'dark' }, secrets: { API_KEY: planted }, basedOn: 0, reason: 'a test' }
  await call(first, { method: 'POST', path: `/v1/operator/sites/${id}/configuration`, headers, body: change })
  await isIdle(first, ada)
  await call(first, { at: 'shop.localhost', method: 'POST', path: '/', body: 'written at home' })

  const there = `http://shop.localhost:${second.port}`
  const run = runIn(bundles.path, { SITE: id, CONSOLE: first.url, OTHER_CONSOLE: second.url, NEW_HOSTNAME: there })
  const [tryOut, rehearse, leave, exportAll, importAll] = await commandsOf()
  const keyFile = (name: string) => join(bundles.path, `${name}.key`)
  await writeFile(keyFile('trial'), keyIn(await run(first, tryOut)))
  expect(await run(second, rehearse)).toContain('It runs')
  expect(await answer(first)).toMatchObject({ entries: ['written at home'] })

  expect(await run(first, leave)).toContain('suspended as moved')
  const redirected = await call(first, { at: 'shop.localhost', method: 'POST', path: '/a/b?c=d%20e', body: 'x' })
  expect([redirected.status, redirected.headers.location]).toEqual([308, `${there}/a/b?c=d%20e`])
  expect(redirected.headers['cache-control']).toBe('no-store')
  const away = join(bundles.path, 'moving')
  await writeFile(keyFile('moving'), keyIn(await run(first, exportAll)))
  const stored = () => readdir(join(second.home, 'archives'))
  const before = await stored()
  expect(await site(second, ['import', away, '--key-file', keyFile('trial')])).toMatchObject({
    code: 1,
    said: expect.stringContaining('does not open'),
  })
  expect(await stored()).toEqual(before)
  expect(await run(second, importAll)).toContain('It runs')
  expect(await answer(second)).toMatchObject({ entries: ['written at home'], theme: 'dark', key: planted })
  expect(await run(second, importAll)).toContain('Nothing was changed')

  const adaThere = await signIn(second, 'ada@example.com')
  expect(await getSite(second, adaThere, id)).toMatchObject({ slug: 'shop', status: 'active' })
  const home = `http://shop.localhost:${first.port}`
  expect(await site(second, ['leave', id, '--hostname', home])).toEqual({ code: 0, said: expect.any(String) })
  const back = join(bundles.path, 'back')
  const returned = await site(second, ['export', id, '--to', back])
  expect(returned).toEqual({ code: 0, said: expect.any(String) })
  expect(await digestsOf(back)).toEqual(await digestsOf(away))

  const environment = { SITEWRIGHT_BUNDLE_KEY: keyIn(returned.said) }
  expect(await site(first, ['import', back], environment)).toEqual({
    code: 0,
    said: expect.stringContaining('It runs'),
  })
  expect(await answer(first)).toMatchObject({ entries: ['written at home'], theme: 'dark', key: planted })
  const path = `/v1/operator/sites/${id}/events?limit=100`
  const events = await call<{ events: { type: string }[] }>(first, { path, headers })
  expect(events.json.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['SiteRequested', 'SiteRestored']))
  const logs = await call(first, { path: `/v1/operator/sites/${id}/logs`, headers })
  expect(logs.text).toContain('starts with')
  for (const { text } of [events, logs]) expect(text).not.toContain(planted)

  const clear = [...(await filesBelow(bundles.path)), ...(await filesBelow(join(second.home, 'database')))]
  expect(clear.filter((content) => content.includes(planted))).toEqual([])
})
