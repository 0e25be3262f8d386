import { afterAll, describe, expect, it } from 'vitest'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { noUsage, periodOf } from '../../../lambdas/reports/usage/usage.ts'
import { createVisitorSketch } from '../../../lambdas/reports/usage/visitor-sketch.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

let usedBytes: number | undefined

const stage = await openApiStage(() => ({ meter: { measure: async () => usedBytes } }))
const ada = await signIn(stage, 'ada@example.com')
const bob = await signIn(stage, 'bob@example.com')
const siteId = (await givenSites(stage).active(ada.accountId, 'engines')).id
afterAll(() => stage[Symbol.asyncDispose]())

const ask = (who: SignedIn, query = '', id: string = siteId) =>
  stage.send({
    path: `/v1/sites/${id}/usage`,
    query: Object.fromEntries(new URLSearchParams(query)),
    headers: who.headers,
  })

const storage = { usedBytes: null, maxBytes: expect.any(Number) }

describe("the usage of an owner's site", () => {
  it('is empty for a site that nobody has used', async () => {
    const { status, json } = await ask(ada)
    const until = stage.now()
    expect([status, json]).toEqual([
      200,
      {
        by: 'day',
        from: plusDays(until, -30),
        until,
        prices: null,
        lastUsedAt: null,
        awakeHours: 0,
        storage,
        periods: [],
      },
    ])
  })

  it('tells requests, errors, times and visitors by day and by hour', async () => {
    const at = plusMilliseconds(stage.now(), -1)
    const sketch = createVisitorSketch()
    sketch.add('198.51.100.1', 'salt')
    const latency = noUsage().latency.with(1, 2).with(-1, 1)
    const usage = { requests: 3, clientErrors: 1, serverErrors: 1, bytes: 700, latency }
    await stage.store.usage.addToHour({ siteId, usage, at })
    await stage.store.usage.addToDay({ siteId, usage, at, router: 'a', sketch: sketch.bytes() })

    const period = {
      requests: 3,
      errors: { client: 1, server: 1 },
      bytes: 700,
      latency: expect.arrayContaining([
        { atMostMilliseconds: 25, answers: 2 },
        { atMostMilliseconds: null, answers: 1 },
      ]),
    }
    const [from, until] = [plusDays(at, -1), plusDays(at, 1)]
    const range = `from=${from}&until=${until}`
    expect((await ask(ada, `by=hour&${range}`)).json).toEqual({
      prices: null,
      by: 'hour',
      from,
      until,
      lastUsedAt: at,
      awakeHours: 0,
      storage,
      periods: [{ ...period, start: `${periodOf('hour', at)}:00:00.000Z`, visitors: null }],
    })
    expect((await ask(ada, range)).json['periods']).toEqual([
      { ...period, start: `${periodOf('day', at)}T00:00:00.000Z`, visitors: 1 },
    ])
  })

  it('tells the storage as last measured, and how long the site ran', async () => {
    stage.turnClock(90 * 60_000)
    usedBytes = 5_000_000
    const { json } = await ask(ada)
    expect(json).toMatchObject({ awakeHours: 1.5, storage: { usedBytes } })
    usedBytes = undefined
  })

  it("is not found for others' sites", async () => {
    expect((await ask(bob)).status).toBe(404)
    expect((await ask(ada, '', 'site_none')).status).toBe(404)
  })

  it.each([
    ['from=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z', 'must be before the end'],
    ['by=hour&from=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z', 'must be at most 31 days before the end'],
    ['from=2020-01-01T00:00:00Z&until=2026-03-01T00:00:00Z', 'must be at most 731 days before the end'],
  ])('refuses the range %s', async (query, message) => {
    const { status, json } = await ask(ada, query)
    expect([status, json['errors']]).toEqual([400, [{ path: 'from', message }]])
  })

  it('refuses other periods', async () => {
    expect((await ask(ada, 'by=week')).status).toBe(400)
  })
})
