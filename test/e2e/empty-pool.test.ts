import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeGatedBlueprint } from './blueprints.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, mailTo, readEntries, signIn, writeEntry } from './visitor.ts'

// Hosts are started again and again, beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

test('with an empty pool the visitor watches the site being built, and then has it', async () => {
  await using blueprints = await temporaryDirectory()
  const { openGate } = await writeGatedBlueprint(blueprints.path)
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
  const person = await signIn(host, 'ada@example.com')
  const at = 'patience.localhost'

  const click = () => createSite(host, person, { slug: 'patience' }, { 'idempotency-key': 'click' })
  const answers = await Promise.all([click(), click()])
  expect(answers.map(({ status }) => status)).toEqual([202, 202])
  const { id } = answers[0].json
  expect(answers[1].json.id).toBe(id)
  expect(answers[0].headers.location).toBe(`/v1/sites/${id}`)
  expect(answers[0].json).toMatchObject({ status: 'building', trialEndsAt: null, url: `http://${at}:${host.port}` })

  const waiting = await waitFor(async () => {
    const site = await getSite(host, person, id)
    return site.progress.percent === 50 && site
  })
  expect(waiting.status).toBe('building')
  expect(waiting.progress.steps.map(({ status }) => status)).toEqual(['done', 'done', 'running', 'pending'])

  const mail = await waitFor(async () =>
    (await mailTo(host, 'ada@example.com')).find(({ subject }) => subject === 'We are building your site patience'),
  )
  const link = new URL(mail.links[0] ?? '')
  expect(link.origin).toBe(`http://${at}:${host.port}`)
  const page = await call(host, { at: link.hostname, path: link.pathname, headers: { accept: 'text/html' } })
  expect(page.status).toBe(503)
  expect(page.headers['retry-after']).toBe('2')
  expect(page.text).toContain('patience is being set up')
  expect(page.text).toContain('50 %')
  const problem = await call(host, { at, path: '/api/entries' })
  expect(problem.json).toMatchObject({ type: 'urn:sitewright:problem:site-building', progress: { percent: 50 } })

  await openGate()
  const built = await waitFor(async () => {
    const site = await getSite(host, person, id)
    return site.status === 'active' && site
  })
  expect(built.progress.percent).toBe(100)
  expect(built.trialEndsAt).not.toBeNull()
  expect((await call(host, { at: link.hostname, path: link.pathname })).status).toBe(200)
  expect((await writeEntry(host, 'patience', 'at last')).status).toBe(201)
  expect(await readEntries(host, 'patience')).toEqual(['at last'])

  // The trial is used and the pool stays as empty as it should be.
  expect((await createSite(host, person, { slug: 'second' })).json).toMatchObject({
    type: 'urn:sitewright:problem:trial-already-used',
  })
  expect((await call(host, { path: '/v1/health' })).json).toEqual({ status: 'ok', pool: { ready: 0, target: 0 } })
})
