import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeBlueprint } from './blueprints.ts'
import { call } from './call.ts'
import { ownProcesses } from './own-processes.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, mailTo, type SiteBody, signIn } from './visitor.ts'

// Hosts are started again and again, beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

const crashed = 'It ended again and again after its start.'
const notThere = 'It started, but did not become ready in time.'

const crashing = "setTimeout(() => { console.error('out of luck'); process.exit(1) }, 2000)"

test('a program that crashes two seconds after its start fails its build at once, and operators read why', async () => {
  await using blueprints = await temporaryDirectory()
  // More than this test has: it ends in time only if the build does not wait.
  await writeBlueprint(blueprints.path, { command: ['node', '-e', crashing], startSeconds: 900 })
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
  const person = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, person, { slug: 'unlucky' })).json
  const failed = await waitFor(async () => {
    const site = await getSite(host, person, id)
    return site.status === 'failed' && site
  })
  expect(failed.failure?.reason).toBe(crashed)

  const failuresFor = async (role: string) => {
    const body = { email: 'grace@example.com', role }
    const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
    const headers = { authorization: `Bearer ${token}` }
    return call(host, { path: `/v1/operator/sites/${id}/failures`, headers })
  }
  expect((await failuresFor('sales')).status).toBe(403)
  const { status, json } = await failuresFor('support')
  expect(status).toBe(200)
  expect(json).toMatchObject({
    failures: [
      {
        during: 'build',
        error: 'LaunchFailed',
        cause: 'crash',
        detail: expect.stringContaining('with exit code 1.'),
        healthPath: '/healthz',
        containers: [{ name: 'web', lastEnd: { exitCode: 1 }, lines: ['out of luck', 'out of luck', 'out of luck'] }],
      },
    ],
  })
})

test.each([
  ['a process that ends at once', ['node', '-e', 'process.exit(1)'], crashed],
  ['a process that never listens', ['node', '-e', 'setInterval(() => undefined, 1000)'], notThere],
  ['a program that does not exist', ['sitewright-no-such-program'], 'It could not be started.'],
])('a build that fails for %s leaves nothing behind and gives the trial back', async (_cause, command, reason) => {
  await using home = await temporaryDirectory()
  await using blueprints = await temporaryDirectory()
  await writeBlueprint(blueprints.path, { command, startSeconds: 1 })
  await using host = await startHost({
    home: home.path,
    env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path },
  })
  const person = await signIn(host, 'ada@example.com')
  const created = await createSite(host, person, { slug: 'unlucky' })
  expect(created.status).toBe(202)

  const failed = await waitFor(async () => {
    const site = await getSite(host, person, created.json.id)
    return site.status === 'failed' && site
  })
  expect(failed.failure?.reason).toBe(reason)
  expect(failed.trialEndsAt).toBeNull()
  expect(failed.progress.percent).toBeLessThan(100)
  expect(failed.progress.steps.map(({ status }) => status)).toContain('failed')

  const mail = await waitFor(async () =>
    (await mailTo(host, 'ada@example.com')).find(({ subject }) => subject === 'Your site unlucky could not be built'),
  )
  expect(mail.text).toContain(failed.failure?.reason)
  expect(mail.links).toEqual([host.url])

  // The link in the first mail shows what happened to the site, while its name is free again.
  const page = await call(host, { at: 'unlucky.localhost', path: '/' })
  expect(page.status).toBe(410)
  expect(page.json).toMatchObject({ type: 'urn:sitewright:problem:site-failed' })
  expect((await call(host, { path: '/v1/hostnames/unlucky' })).json).toMatchObject({ available: true })

  await waitFor(async () => (await ownProcesses(home.path)).sites.length === 0)
  await waitFor(async () => (await readdir(join(home.path, 'data'))).length === 0)

  // A program that listened nowhere in time is built again, since the machine may have been busy.
  if (reason !== notThere) {
    // No version is current, and the only one failed: the trial is there, and nothing to build.
    const refused = await createSite(host, person, { slug: 'unlucky' })
    expect(refused.status).toBe(503)
    expect(refused.json).toMatchObject({ type: 'urn:sitewright:problem:blueprint-unavailable' })
  }
  const blueprint = JSON.parse(await readFile(join(blueprints.path, 'welcome.json'), 'utf8'))
  const again = await waitFor(async () => {
    const body = { email: 'grace@example.com', role: 'admin' }
    const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
    await call(host, {
      method: 'POST',
      path: '/v1/operator/blueprints',
      headers: { authorization: `Bearer ${token}` },
      body: { blueprint, reason: 'again' },
    })
    const created = await createSite(host, person, { slug: 'unlucky' })
    return created.status === 202 && created
  })
  expect(again.json.id).not.toBe(failed.id)
  const pages: (readonly string[])[] = []
  let query = '?limit=1'
  for (;;) {
    const page = (
      await call<{ sites: readonly SiteBody[]; cursor?: string }>(host, {
        path: `/v1/sites${query}`,
        headers: person.bearer,
      })
    ).json
    if (page.sites.length > 0) pages.push(page.sites.map(({ id }) => id))
    if (page.cursor === undefined) break
    query = `?limit=1&cursor=${page.cursor}`
  }
  expect(pages).toEqual([[again.json.id], [failed.id]])
})
