import { expect, it } from 'vitest'
import type { UsageReport } from '../../core/ports/usage.ts'
import { estimateVisitors } from '../../core/usage/visitor-sketch.ts'
import { createUsageCounter } from '../../router/usage-counter.ts'
import { activeSite } from './sites.ts'
import { deadEndpoint, startRouter, startSite, visit } from './stage.ts'

const host = 'shop.localhost'

const counting = () => {
  const reports: UsageReport[] = []
  let isAway = false
  const time = { now: '2026-11-21T23:50:00.000Z' }
  const store = {
    add: async (report: UsageReport) => {
      if (isAway) throw new Error('the store is away')
      reports.push({ ...report, sketch: Uint8Array.from(report.sketch) })
    },
  }
  const usage = { store, visitorSecret: 'secret', router: 'a' }
  const counter = createUsageCounter({
    ...usage,
    wall: () => time.now,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  })
  return { reports, usage, counter, time, goAway: (away: boolean) => (isAway = away) }
}

const siteId = activeSite({ host: '127.0.0.1', port: 1 }, { hostname: host }).id
const answer = { status: 200, milliseconds: 5, client: '198.51.100.1' }

it('counts requests, errors by class, bytes and times of what a site answers', async () => {
  const { reports, usage } = counting()
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
  expect(reports.map((report) => report.siteId)).toEqual([siteId])
  const [report] = reports
  expect(report?.usage).toMatchObject({ requests: 5, clientErrors: 1, serverErrors: 2, bytes: 15 })
  expect(report?.usage.latency.reduce((sum, each) => sum + each, 0)).toBe(5)
  expect(estimateVisitors(report?.sketch ?? new Uint8Array())).toBe(1)
})

it('stores nothing for a site that was not used, and nothing twice', async () => {
  const { reports, counter } = counting()
  await counter.flush()
  counter.answered(siteId, answer)
  await counter.flush()
  await counter.close()
  expect(reports).toHaveLength(1)
})

it('stores later what the store did not take', async () => {
  const { reports, counter, goAway } = counting()
  counter.answered(siteId, answer)
  goAway(true)
  await counter.flush()
  counter.answered(siteId, { ...answer, status: 503 })
  goAway(false)
  await counter.close()
  expect(reports.map(({ usage }) => [usage.requests, usage.serverErrors])).toEqual([[2, 1]])
})

it('counts a site with an open connection as used', async () => {
  const { reports, counter } = counting()
  const release = counter.hold(siteId)
  await counter.flush()
  release()
  await counter.close()
  expect(reports.map(({ usage }) => usage.requests)).toEqual([0])
})

it('begins a new sketch each day, and counts what came after midnight to the day before', async () => {
  const { reports, counter, time } = counting()
  counter.answered(siteId, answer)
  await counter.flush()
  time.now = '2026-11-22T00:04:00.000Z'
  counter.answered(siteId, { ...answer, client: '198.51.100.2' })
  await counter.flush()
  counter.answered(siteId, answer)
  await counter.close()
  expect(reports.map(({ at, sketch }) => [at, estimateVisitors(sketch)])).toEqual([
    ['2026-11-21T23:50:00.000Z', 1],
    ['2026-11-21T23:59:59.999Z', 2],
    ['2026-11-22T00:04:00.000Z', 1],
  ])
  expect(reports[2]?.sketch).not.toEqual(reports[0]?.sketch)
})
