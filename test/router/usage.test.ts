import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import type { UsageDayReport, UsageReport } from '../../lambdas/reports/usage/ports.ts'
import { estimateVisitors } from '../../lambdas/reports/usage/visitor-sketch.ts'
import { createUsageCounter } from '../../router/usage-counter.ts'
import { activeSite } from './sites.ts'
import { deadEndpoint, openSocket, startRouter, startSite, visit } from './stage.ts'

const host = 'shop.localhost'

const counting = (more: { readonly closeMilliseconds?: number } = {}) => {
  const hours: UsageReport[] = []
  const days: UsageDayReport[] = []
  const played = { now: '2026-11-21T23:50:00.000Z', isAway: false }
  const whileThere = async () => {
    if (played.isAway) throw new Error('the store is away')
  }
  const store = {
    addToHour: async (report: UsageReport) => {
      await whileThere()
      hours.push(report)
    },
    addToDay: async (report: UsageDayReport) => {
      await whileThere()
      days.push({ ...report, sketch: Uint8Array.from(report.sketch) })
    },
  }
  const usage = { store, visitorSecret: 'secret', router: 'a' }
  const counter = createUsageCounter({
    ...usage,
    ...more,
    wall: () => played.now,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })
  return { hours, days, usage, counter, played }
}

const siteId = activeSite({ host: '127.0.0.1', port: 1 }, { hostname: host }).id
const client = '198.51.100.1'

it('counts requests, errors by class, bytes and times of what a site answers', async () => {
  const { hours, days, usage } = counting()
  const { endpoint } = await startSite((request, response) => {
    response.statusCode = Number(request.url?.slice(1))
    response.end('hello')
  })
  const sites = {
    [host]: activeSite(endpoint, { hostname: host }),
    'dead.localhost': activeSite(await deadEndpoint(), { hostname: 'dead.localhost' }),
  }
  const { port, router } = await startRouter(sites, { usage })
  for (const status of [200, 304, 404, 500]) await visit(port, { host, path: `/${status}` })
  await visit(port, { host: 'nobody.localhost' })
  await visit(port, { host: 'dead.localhost' })
  await router.close(0)

  // The hostname that nobody answers is the same site's.
  expect(days.map((report) => report.siteId)).toEqual([siteId])
  const [report] = days
  expect(report?.usage).toEqual(hours.at(-1)?.usage)
  expect(report?.usage).toMatchObject({ requests: 5, clientErrors: 1, serverErrors: 2, bytes: 15 })
  expect(report?.usage.latency.reduce((sum, each) => sum + each, 0)).toBe(5)
  expect(estimateVisitors(report?.sketch ?? new Uint8Array())).toBe(1)
})

it('counts nothing of a rehearsal', async () => {
  const { hours, days, usage } = counting()
  const { endpoint } = await startSite((_, response) => response.end('hello'))
  const until = '2026-03-08T12:00:00.000Z'
  const rehearsalOf = { siteId: activeSite(endpoint, { number: 2 }).id, target: {}, until }
  const site = { ...activeSite(endpoint, { hostname: host }), rehearsalOf }
  const { port, router } = await startRouter({ [host]: site }, { usage })
  expect((await visit(port, { host })).body).toBe('hello')
  await router.close(0)
  const used = [...hours, ...days].filter((report) => report.usage.requests > 0 || report.usage.bytes > 0)
  expect(used).toEqual([])
})

it('counts a request whose visitor leaves before the answer', async () => {
  const { hours, usage } = counting()
  const { endpoint, server } = await startSite(() => {})
  const { port, router } = await startRouter({ [host]: activeSite(endpoint, { hostname: host }) }, { usage })
  const visitor = await openSocket(port)
  visitor.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await once(server, 'request')
  visitor.destroy()
  await router.close(0)
  expect(hours.map((report) => report.usage.requests)).toEqual([0, 1])
})

it('stores nothing for a site that was not used, and nothing twice', async () => {
  const { hours, days, counter } = counting()
  await counter.flush()
  counter.asked(siteId, client)
  counter.left(siteId)
  await counter.flush()
  expect([hours.length, days.length]).toEqual([2, 0])
  await counter.close()
  expect([hours.length, days.length]).toEqual([2, 1])
})

it('stores days with every twelfth flush', async () => {
  const { hours, days, counter } = counting()
  for (let flush = 0; flush < 24; flush += 1) {
    counter.asked(siteId, client)
    counter.left(siteId)
    await counter.flush()
  }
  expect(hours).toHaveLength(1 + 24)
  expect(days.map(({ usage }) => usage.requests)).toEqual([12, 12])
  await counter.close()
  expect(days).toHaveLength(2)
})

it.each(['did not take', 'took, but whose answer was lost'])('sends again as it was what the store %s', async (how) => {
  const { hours, days, usage, counter, played } = counting()
  const sent: UsageReport[] = []
  const { addToHour, addToDay } = usage.store
  const losing =
    <Report extends UsageReport>(add: (report: Report) => Promise<void>) =>
    async (report: Report) => {
      sent.push(report)
      if (!played.isAway || how !== 'did not take') await add(report)
      if (played.isAway) throw new Error('the answer was lost')
    }
  Object.assign(usage.store, { addToHour: losing(addToHour), addToDay: losing(addToDay) })
  counter.asked(siteId, client)
  counter.left(siteId)
  await setImmediate()
  played.isAway = true
  await counter.flush()
  counter.asked(siteId, client)
  counter.left(siteId)
  await counter.flush()
  played.isAway = false
  await counter.flush()
  const [first, ...others] = sent.filter((report) => report.usage.requests > 0)
  expect(others.slice(0, 2)).toEqual([first, first])
  expect(others.slice(2).map(({ flush }) => flush)).toEqual([{ router: 'a', number: 3 }])
  await counter.close()
  expect(days.map(({ usage: { requests }, flush }) => [requests, flush])).toEqual([[2, { router: 'a', number: 4 }]])
  expect(new Set(hours.map(({ usage: { requests }, flush }) => `${flush?.number} ${requests}`))).toEqual(
    new Set(['undefined 0', '1 1', '3 1']),
  )
})

it('ends after some seconds also if the store does not answer', async () => {
  const { counter, usage } = counting({ closeMilliseconds: 100 })
  usage.store.addToHour = () => new Promise(() => {})
  counter.asked(siteId, client)
  expect(await counter.close()).toBeUndefined()
})

it('counts a site as used while a visitor is connected', async () => {
  const { hours, counter } = counting()
  counter.asked(siteId, client)
  counter.asked(siteId, client)
  counter.left(siteId)
  await counter.flush()
  await counter.flush()
  counter.left(siteId)
  await counter.flush()
  await counter.flush()
  await counter.close()
  expect(hours.map(({ usage }) => usage.requests)).toEqual([0, 2, 0])
})

it('stores a use of the new day at once for a site whose visitor stayed over midnight', async () => {
  const { hours, counter, played } = counting()
  counter.asked(siteId, client)
  await counter.flush()
  played.now = '2026-11-22T00:04:00.000Z'
  await counter.flush()
  await setImmediate()
  expect(hours.map(({ at }) => at).slice(-2)).toEqual(['2026-11-21T23:59:59.999Z', played.now])
  await counter.close()
})

it('stores the first use after a pause at once, and the next ones with the others', async () => {
  const { hours, counter, played } = counting()
  const visit = () => {
    counter.asked(siteId, client)
    counter.left(siteId)
  }
  visit()
  visit()
  await setImmediate()
  expect(hours.map(({ at, usage }) => [at, usage.requests])).toEqual([[played.now, 0]])
  await counter.flush()
  visit()
  await setImmediate()
  expect(hours).toHaveLength(2)
  await counter.flush()
  await counter.flush()
  expect(hours.map(({ usage }) => usage.requests)).toEqual([0, 2, 1])
  visit()
  await setImmediate()
  expect(hours).toHaveLength(4)
  await counter.close()
})

it('stores the first use with the next request if the store did not take it', async () => {
  const { hours, counter, played } = counting()
  played.isAway = true
  counter.asked(siteId, client)
  await setImmediate()
  played.isAway = false
  counter.asked(siteId, client)
  await setImmediate()
  expect(hours.map(({ usage }) => usage.requests)).toEqual([0])
  await counter.close()
})

it.each(['Googlebot/2.1', 'UptimeRobot/2.0'])('passes %s on and counts nothing', async (userAgent) => {
  const { hours, days, usage } = counting()
  const { endpoint } = await startSite((_, response) => void response.end('hello'))
  const { port, router } = await startRouter({ [host]: activeSite(endpoint, { hostname: host }) }, { usage })
  expect(await visit(port, { host, headers: { 'user-agent': userAgent } })).toMatchObject({
    status: 200,
    body: 'hello',
  })
  await router.close(0)
  expect([hours, days]).toEqual([[], []])
})

it('begins a new sketch each day, and counts what came after midnight to the day before', async () => {
  const { days, counter, played } = counting()
  counter.asked(siteId, client)
  await counter.flush()
  played.now = '2026-11-22T00:04:00.000Z'
  counter.asked(siteId, '198.51.100.2')
  await counter.flush()
  counter.asked(siteId, client)
  await counter.close()
  expect(days.map(({ at, usage, sketch }) => [at, usage.requests, estimateVisitors(sketch)])).toEqual([
    ['2026-11-21T23:59:59.999Z', 2, 2],
    ['2026-11-22T00:04:00.000Z', 1, 1],
  ])
  expect(days[1]?.sketch).not.toEqual(days[0]?.sketch)
})

const blueprintWith = (more: object) => ({
  get: async () =>
    parseBlueprint(
      {
        name: 'welcome',
        version: 1,
        title: 'Welcome',
        containers: [{ name: 'web', image: 'welcome' }],
        traffic: { container: 'web' },
        data: { mode: 'shared' },
        ...more,
      },
      'a test',
    ),
})

it('counts the product events that the blueprint declares, and passes none on', async () => {
  const { hours, days, usage } = counting()
  const { endpoint } = await startSite((request, response) => {
    if (request.url === '/flood') {
      response.setHeader('sitewright-event', Array<string>(500).fill('course.created').join())
    } else response.setHeader('sitewright-event', ['course.created, report.read', 'constructor,course.created', 'x'])
    response.end()
  })
  const blueprints = blueprintWith({ productEvents: ['course.created', 'report.read', 'never.seen'] })
  const { port, router } = await startRouter(
    { [host]: activeSite(endpoint, { hostname: host }) },
    { usage, blueprints },
  )
  const { headers } = await visit(port, { host })
  await visit(port, { host, path: '/flood' })
  await visit(port, { host, headers: { 'user-agent': 'Googlebot/2.1' } })
  await router.close(0)
  expect(headers['sitewright-event']).toBeUndefined()
  const counted = new Map([
    ['course.created', 2 + 10],
    ['report.read', 1],
  ])
  expect([hours.at(-1)?.usage.productEvents, days.at(-1)?.usage.productEvents]).toEqual([counted, counted])
})

it.each([
  ['declares none', blueprintWith({})],
  ['cannot be read', { get: () => Promise.reject(new Error('the store is away')) }],
])('passes no product event on and counts none if the blueprint %s', async (_, blueprints) => {
  const { hours, usage } = counting()
  const { endpoint } = await startSite((_request, response) => {
    response.setHeader('sitewright-event', 'course.created').end()
  })
  const sites = { [host]: activeSite(endpoint, { hostname: host }) }
  const { port, router } = await startRouter(sites, { usage, blueprints })
  const { status, headers } = await visit(port, { host })
  await router.close(0)
  expect([status, headers['sitewright-event']]).toEqual([200, undefined])
  expect(hours.at(-1)?.usage).not.toHaveProperty('productEvents')
})
