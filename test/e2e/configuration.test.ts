import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { commandRunner, commandsOf, configuredBlueprint, filesBelow } from './pages-of-sales.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, signIn } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

test('a site answers with the values that an administrator sets for it, and with the earlier ones again', async () => {
  await using blueprints = await temporaryDirectory()
  await writeFile(join(blueprints.path, 'welcome.json'), JSON.stringify(configuredBlueprint))
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
  const ada = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, ada, { slug: 'shop' })).json
  const isIdle = () =>
    waitFor(async () => {
      const { status, operation } = await getSite(host, ada, id)
      return status === 'active' && operation === null ? true : undefined
    })
  await isIdle()
  const answer = async () => (await call(host, { at: 'shop.localhost', path: '/' })).json
  const generated = await answer()
  expect(generated).toMatchObject({ theme: 'light', key: expect.stringMatching(/^[\w-]{43}$/) })
  expect(generated['file']).toBe(`theme=light key=${generated['key']}`)

  const body = { email: 'grace@example.com', role: 'admin' }
  const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
  const run = commandRunner({ CONSOLE: host.url, TOKEN: token, SITE: id })
  const [read = '', change = '', apply = ''] = await commandsOf('enterprise.md')

  expect(await run(read)).toMatchObject({ inUse: 0, secrets: [{ name: 'API_KEY', set: null }] })
  expect(await run(change)).toMatchObject({ id, operation: 'upgrade' })
  await isIdle()
  const key = 'the key of the customer'
  expect(await answer()).toEqual({ theme: 'dark', key, file: `theme=dark key=${key}` })
  expect(await run(read)).toMatchObject({ inUse: 1, secrets: [{ set: { version: 1 } }] })

  const headers = { authorization: `Bearer ${token}` }
  const logs = await call(host, { path: `/v1/operator/sites/${id}/logs`, headers })
  expect(logs.text).toContain('starts with …')
  for (const hidden of [key, String(generated['key'])]) expect(logs.text).not.toContain(hidden)

  // Not healthy with it: it goes back by itself.
  const broken = { variables: { THEME: 'broken' }, basedOn: 1, reason: 'a mistake' }
  const path = `/v1/operator/sites/${id}/configuration`
  expect(await call(host, { method: 'POST', path, headers, body: broken })).toMatchObject({ status: 202 })
  await isIdle()
  expect(await answer()).toMatchObject({ theme: 'dark', key })
  expect(await run(read)).toMatchObject({ inUse: 1, versions: [{ version: 2 }, { version: 1 }] })

  expect(await run(apply)).toMatchObject({ id, operation: 'upgrade' })
  await isIdle()
  expect(await answer()).toEqual(generated)
  // Output from before is still there.
  const later = await call(host, { path: `/v1/operator/sites/${id}/logs`, headers })
  expect(later.text).toContain('starts with …')
  expect(later.text).not.toContain(key)

  const stored = await filesBelow(join(host.home, 'database'))
  expect(stored.some((content) => content.includes('CONFIGURATION#'))).toBe(true)
  expect(stored.filter((content) => content.includes(key))).toEqual([])
})
