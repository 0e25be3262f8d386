import { expect, it, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { clockOf, turnClock } from './turned-clock.ts'
import { createSite, getSite, mailTo, poolIsFull, signIn } from './visitor.ts'

// Hosts are started again and again, beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

const day = 86_400_000
const processes = { SITEWRIGHT_POOL_SIZE: '1' }

const daysAhead = async (host: { port: number }): Promise<number> =>
  (Date.parse(await clockOf(host)) - Date.now()) / day

it('turns deadlines and nothing that people sign in with, and stays turned over a kill', async () => {
  await using home = await temporaryDirectory()
  const first = await startHost({ home: home.path, env: processes })
  expect(await daysAhead(first)).toBeCloseTo(0, 2)
  await poolIsFull(first)
  const ada = await signIn(first, 'ada@example.com')
  const { id } = (await createSite(first, ada, { slug: 'ada' })).json

  const turned = await turnClock(first, 'P14D')
  expect(turned.status).toBe(200)
  expect(turned.json.ran.map(({ siteId, step }) => [siteId, step])).toEqual([
    [id, 'remind'],
    [id, 'remind'],
    [id, 'remind'],
    [id, 'suspend'],
  ])
  expect(turned.json.ran.map(({ at }) => Math.round((Date.parse(at) - Date.now()) / day))).toEqual([7, 11, 13, 14])
  expect(turned.json).not.toHaveProperty('brake')
  // The session is thirty days long by the wall clock.
  await turnClock(first, 'P20D')
  expect((await getSite(first, ada, id)).status).toBe('suspended')
  await first.kill()

  await using second = await startHost({ home: home.path, port: first.port, env: processes })
  expect(await daysAhead(second)).toBeCloseTo(34, 2)
  expect((await getSite(second, ada, id)).status).toBe('suspended')
  const eve = await signIn(second, 'eve@example.com')
  expect((await call(second, { path: '/v1/session', headers: eve.bearer })).status).toBe(200)
})

it('that is turned by a host that is killed is not taken for a jump by the next one', async () => {
  await using home = await temporaryDirectory()
  const first = await startHost({ home: home.path, env: processes })
  await poolIsFull(first)
  const ada = await signIn(first, 'ada@example.com')
  const { id } = (await createSite(first, ada, { slug: 'ada' })).json
  const turning = turnClock(first, 'P14D').catch(() => undefined)
  await waitFor(async () => (await daysAhead(first)) > 6)
  await first.kill()
  await turning

  await using second = await startHost({ home: home.path, port: first.port, env: processes })
  const turned = await waitFor(async () => {
    const answer = await turnClock(second, 'P14D')
    return answer.status === 200 && answer
  })
  expect(turned.json).not.toHaveProperty('brake')
  expect((await getSite(second, ada, id)).status).toBe('suspended')
  const reminders = (await mailTo(second, 'ada@example.com')).filter(({ subject }) => subject.includes('ends in'))
  expect(reminders.map(({ subject }) => /in (.*)$/.exec(subject)?.[1]).toSorted()).toEqual([
    '1 day',
    '3 days',
    '7 days',
  ])
})

it('is turned by nothing but a sensible duration', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0' } })
  for (const advance of ['', 'P', '14D', 'P-1D', 'P0D', 'P1M', 'P3651D', 14, null]) {
    expect([advance, (await turnClock(host, advance)).status]).toEqual([advance, 400])
  }
  expect(await daysAhead(host)).toBeCloseTo(0, 2)
  const answers = await Promise.all([turnClock(host, 'P30D'), turnClock(host, 'P30D')])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  expect(await daysAhead(host)).toBeCloseTo(30, 2)
})

it('belongs to the person at this machine', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0' } })
  const foreign = { origin: 'http://ada.localhost' }
  const body = { advance: 'P1D' }
  for (const method of ['GET', 'POST']) {
    expect((await call(host, { method, path: '/_local/clock', headers: foreign, body })).status).toBe(404)
  }
  expect(await daysAhead(host)).toBeCloseTo(0, 2)
})

it('is not turned where payments are taken', async () => {
  await using host = await startHost({
    env: {
      SITEWRIGHT_POOL_SIZE: '0',
      STRIPE_SECRET_KEY: 'sk_test_of_nobody',
      STRIPE_WEBHOOK_SECRET: 'whsec_bm9ib2R5',
      STRIPE_API_BASE: 'http://127.0.0.1:9',
    },
  })
  expect((await turnClock(host, 'P1D')).status).toBe(409)
  expect(await daysAhead(host)).toBeCloseTo(0, 2)
})
