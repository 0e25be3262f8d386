import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeBlueprint } from './blueprints.ts'
import { type Call, call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { turnClock } from './turned-clock.ts'
import { createSite, getSite, readEntries, signIn, writeEntry } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

const command = ['node', 'server.ts'] as const

interface Rehearsal {
  readonly rehearsal: {
    readonly id: string
    readonly status: string
    readonly url: string
    readonly durations: Readonly<Record<string, number>>
  } | null
  readonly copiesFirst: boolean
  readonly lastCopy: { readonly pausedMilliseconds: number } | null
}

test('a site with data is rehearsed with another version, in which its owner writes, and the site stays as it is', async () => {
  await using home = await temporaryDirectory()
  await using blueprints = await temporaryDirectory()
  const env = { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path }
  await writeBlueprint(blueprints.path, { command })
  const first = await startHost({ home: home.path, env })
  const ada = await signIn(first, 'ada@example.com')
  const { id } = (await createSite(first, ada, { slug: 'ada' })).json
  await waitFor(async () => (await getSite(first, ada, id)).status === 'active')
  await writeEntry(first, 'ada', 'before')
  await first.kill()

  const node = (script: string) => ['node', '-e', script]
  const release = {
    ...{ migrates: true, command: node("fs.writeFileSync(path.join(process.env.DATA_DIRECTORY, 'migrated'), '2')") },
    checks: [
      { path: '/healthz' },
      { command: node("fs.readFileSync(path.join(process.env.DATA_DIRECTORY, 'migrated'))") },
    ],
  }
  await writeBlueprint(blueprints.path, { command, version: 2, release })
  await using host = await startHost({ home: home.path, env })
  await waitFor(async () => (await readEntries(host, 'ada')).length === 1)

  const body = { email: 'grace@example.com', role: 'sales' }
  const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
  const asSales = (request: Partial<Call>) =>
    call<Rehearsal>(host, {
      path: `/v1/operator/sites/${id}/rehearsal`,
      headers: { authorization: `Bearer ${token}` },
      ...request,
    })
  const target = { blueprint: { name: 'welcome', version: 2 } }
  const begun = await asSales({ method: 'POST', body: { target, reason: 'They grow.' } })
  expect([begun.status, begun.json]).toMatchObject([202, { copiesFirst: true, rehearsal: { status: 'waiting' } }])
  const passed = await waitFor(async () => {
    const { json } = await asSales({})
    return ['passed', 'failed'].includes(json.rehearsal?.status ?? '') ? json : undefined
  })
  expect(passed).toMatchObject({ copiesFirst: false, rehearsal: { status: 'passed' } })
  expect(passed.lastCopy?.pausedMilliseconds).toBeGreaterThan(0)
  expect(Object.keys(passed.rehearsal?.durations ?? {}).toSorted()).toEqual(['checks', 'command', 'restore', 'start'])

  const at = 'ada--rehearsal.localhost'
  expect((await call(host, { at, path: '/api/entries' })).status).toBe(403)
  const opening = { method: 'POST', path: `/v1/sites/${id}/rehearsal/entrance`, headers: ada.bearer }
  const { pathname: path } = new URL((await call<{ url: string }>(host, opening)).json.url)
  const entered = await call(host, { at, path })
  const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const inside = (request: Partial<Call>) =>
    call<{ entries: { text: string }[] }>(host, { at, path: '/api/entries', headers: { cookie }, ...request })
  const shown = await inside({})
  expect(shown.json.entries.map(({ text }) => text)).toEqual(['before'])
  expect(shown.headers['x-robots-tag']).toBe('noindex')
  expect((await inside({ method: 'POST', body: { text: 'only tried' } })).status).toBeLessThan(300)
  expect((await inside({})).json.entries).toHaveLength(2)
  expect(await readEntries(host, 'ada')).toEqual(['before'])
  const dataOf = (name: string) => join(home.path, 'data', name)
  const rehearsalId = passed.rehearsal?.id ?? ''
  expect(await readFile(join(dataOf(rehearsalId), 'migrated'), 'utf8')).toBe('2')
  expect(await readdir(dataOf(id))).not.toContain('migrated')
  const { json } = await call<{ sites: { id: string }[] }>(host, { path: '/v1/sites', headers: ada.bearer })
  expect(json.sites.map((site) => site.id)).toEqual([id])

  await turnClock(host, 'P8D')
  await waitFor(async () => !(await readdir(join(home.path, 'data'))).includes(rehearsalId))
  expect((await inside({})).status).toBe(404)
  expect((await asSales({})).json).toMatchObject({ rehearsal: { status: 'passed', isOpen: false } })
  expect(await readEntries(host, 'ada')).toEqual(['before'])
  await host.stop()
})
