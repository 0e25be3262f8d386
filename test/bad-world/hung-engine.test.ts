import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { call } from '../e2e/call.ts'
import { ownProcesses } from '../e2e/own-processes.ts'
import { createSite, poolIsFull, readEntries, signIn, startSignup, writeEntry } from '../e2e/visitor.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'

const patience = 600_000

test('an engine that hangs is noticed and replaced; meanwhile the API says to try again, and sites are served', {
  timeout: patience,
}, async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_LOG: 'warn' } })
  await poolIsFull(host)
  const ada = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, ada, { slug: 'ada' })).json
  await writeEntry(host, 'ada', 'before')
  const [hung] = (await ownProcesses(host.home)).engines
  if (hung === undefined) throw new Error('there is no engine')
  process.kill(hung, 'SIGSTOP')

  const refused = startSignup(host, 'eve@example.com')
  // Longer than the router remembers a site for certain.
  await pause(2000)
  const reading = readEntries(host, 'ada')
  expect(await Promise.race([reading, refused])).toEqual(['before'])
  const answer = await refused
  expect(answer.status).toBe(503)
  expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '2' })
  expect(answer.json).toMatchObject({ detail: 'This is temporarily unavailable. Try again in a moment.' })

  const [engine] = await waitFor(async () => {
    const { engines } = await ownProcesses(host.home)
    return engines.length === 1 && engines[0] !== hung && engines
  })
  expect(engine).not.toBe(hung)
  expect(host.output()).toMatch(/"event":"database-restarted".*it did not answer for too long/)
  const eve = await signIn(host, 'eve@example.com')
  expect((await createSite(host, eve, { slug: 'eve' })).status).toBeLessThan(300)
  expect((await call(host, { path: `/v1/sites/${id}`, headers: ada.bearer })).json).toMatchObject({ status: 'active' })
  expect(await readEntries(host, 'ada')).toEqual(['before'])
})

test('a host that was stopped for a while and resumes keeps its engine and answers again', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_LOG: 'warn' } })
  const ada = await signIn(host, 'ada@example.com')
  const before = await ownProcesses(host.home)
  process.kill(host.pid, 'SIGSTOP')
  const waiting = call(host, { path: '/v1/session', headers: ada.bearer })
  await pause(3000)
  process.kill(host.pid, 'SIGCONT')
  expect((await waiting).status).toBe(200)
  expect(await ownProcesses(host.home)).toEqual(before)
})
