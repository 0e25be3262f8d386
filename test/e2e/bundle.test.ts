import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { staffHeaders } from '../support/cells-of-host.ts'
import { commandsOfPage, digestsOf, keyIn, runInDirectory, runSite } from '../support/site-command.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { shopBlueprint } from './shop.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, poolIsFull, signIn } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

type Host = Awaited<ReturnType<typeof startHost>>

const filesBelow = async (path: string): Promise<readonly Buffer[]> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return Promise.all(entries.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name))))
}

const answer = async (host: Host) =>
  (await call<Record<string, unknown>>(host, { at: 'shop.localhost', path: '/' })).json

test('a site with a database goes to a second home and back, and all of its files are the same', async () => {
  await using blueprints = await temporaryDirectory()
  await using bundles = await temporaryDirectory()
  await writeFile(join(blueprints.path, 'welcome.json'), JSON.stringify(shopBlueprint))
  const env = { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path }
  await using first = await startHost({ env })
  // A site of the pool proves the blueprint there.
  await using second = await startHost({ env: { ...env, SITEWRIGHT_POOL_SIZE: '1' } })
  await poolIsFull(second)
  const ada = await signIn(first, 'ada@example.com')
  const { id } = (await createSite(first, ada, { slug: 'shop' })).json
  const headers = await staffHeaders(first, 'grace@example.com')
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
  const run = runInDirectory(bundles.path, {
    SITE: id,
    CONSOLE: first.url,
    OTHER_CONSOLE: second.url,
    NEW_HOSTNAME: there,
  })
  const [tryOut, rehearse, leave, exportAll, importAll] = await commandsOfPage()
  const keyFile = (name: string) => join(bundles.path, `${name}.key`)
  await writeFile(keyFile('trial'), keyIn(await run(first, tryOut)))
  const rehearsed = await run(second, rehearse)
  expect(rehearsed).toContain('It runs')
  const entrance = (owner: Awaited<ReturnType<typeof signIn>>) => {
    const [, path = ''] = /with POST (\S+)/.exec(rehearsed) ?? []
    return call<{ url: string }>(second, { method: 'POST', path, headers: owner.bearer })
  }
  const adaThere = await signIn(second, 'ada@example.com')
  expect((await entrance(await signIn(second, 'eve@example.com'))).status).toBe(404)
  const { hostname: at, pathname } = new URL((await entrance(adaThere)).json.url)
  const entered = await call(second, { at, path: pathname })
  expect([entered.status, at]).toEqual([303, 'shop--rehearsal.localhost'])
  const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  expect((await call(second, { at, path: '/' })).status).toBe(403)
  expect((await call(second, { at, path: '/', headers: { cookie } })).json).toMatchObject({
    entries: ['written at home'],
    theme: 'dark',
    key: planted,
  })
  expect(await answer(first)).toMatchObject({ entries: ['written at home'] })

  expect(await run(first, leave)).toContain('suspended as moved')
  const redirected = await call(first, { at: 'shop.localhost', method: 'POST', path: '/a/b?c=d%20e', body: 'x' })
  expect([redirected.status, redirected.headers.location]).toEqual([308, `${there}/a/b?c=d%20e`])
  expect(redirected.headers['cache-control']).toBe('no-store')
  const away = join(bundles.path, 'moving')
  await writeFile(keyFile('moving'), keyIn(await run(first, exportAll)))
  const stored = () => readdir(join(second.home, 'archives'))
  const before = await stored()
  expect(await runSite(second, ['import', away, '--key-file', keyFile('trial')])).toMatchObject({
    code: 1,
    said: expect.stringContaining('does not open'),
  })
  expect(await stored()).toEqual(before)
  expect(await run(second, importAll)).toContain('It runs')
  expect(await answer(second)).toMatchObject({ entries: ['written at home'], theme: 'dark', key: planted })
  expect(await run(second, importAll)).toContain('Nothing was changed')

  expect(await getSite(second, adaThere, id)).toMatchObject({ slug: 'shop', status: 'active' })
  const home = `http://shop.localhost:${first.port}`
  expect(await runSite(second, ['leave', id, '--hostname', home])).toEqual({ code: 0, said: expect.any(String) })
  const back = join(bundles.path, 'back')
  const returned = await runSite(second, ['export', id, '--to', back])
  expect(returned).toEqual({ code: 0, said: expect.any(String) })
  expect(await digestsOf(back)).toEqual(await digestsOf(away))

  const environment = { SITEWRIGHT_BUNDLE_KEY: keyIn(returned.said) }
  expect(await runSite(first, ['import', back], environment)).toEqual({
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
