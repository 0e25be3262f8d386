import { describe, expect, it } from 'vitest'
import type { ReportQuery } from '../../../lambdas/reports/ports.ts'
import { kindOf } from '../../../lambdas/reports/reports.ts'
import { cachedReports, runReport } from '../../../lambdas/reports/run-report.ts'

const given = () => {
  const queries: ReportQuery[] = []
  const clock = { now: '2026-06-30T12:00:00.000Z' }
  const failing = { next: false }
  const ports = {
    reportEngine: {
      run: async (query: ReportQuery) => {
        queries.push(query)
        if (failing.next) throw new Error('broken')
        return { columns: ['segment', 'paid'], rows: [['default', 1]], truncated: false, asOf: undefined }
      },
    },
    clocks: { domain: () => clock.now, wall: () => clock.now },
    reportPolicy: { awakeHourCost: 0.01 },
  }
  return { ports, queries, clock, failing }
}

describe('a report', () => {
  it('is of the last 90 days, by offer', async () => {
    const { ports, queries } = given()
    expect(await runReport(ports, 'funnel', {})).toMatchObject({
      ...{ name: 'funnel', from: '2026-04-02', until: '2026-06-30', offer: null, by: 'offer', asOf: null },
      columns: [
        { name: 'segment', kind: 'text' },
        { name: 'paid', kind: 'count' },
      ],
    })
    expect(queries).toMatchObject([
      { from: '2026-04-02T00:00:00.000Z', until: '2026-07-01T00:00:00.000Z', sinceDay: '2026-04-02' },
    ])
  })

  it('reads all days if it needs the past', async () => {
    const { ports, queries } = given()
    await runReport(ports, 'revenue', { from: '2026-06-01' })
    expect(queries).toMatchObject([{ sinceDay: undefined, by: undefined }])
  })

  it.each([
    ['nonsense', {}, 'NotFound', /funnel, conversion-time, retention, revenue, trial-cost, variants/],
    ['__proto__', {}, 'NotFound', /There is no report/],
    [
      'funnel',
      { from: '2026-06-02', until: '2026-06-01' },
      'InvalidRequest',
      /until is before the first day, 2026-06-02/,
    ],
    ['funnel', { from: '2026-07-01' }, 'InvalidRequest', /until is before/],
    ['funnel', { from: '2023-06-25', until: '2026-06-30' }, 'InvalidRequest', /more than 1100 days/],
    ['revenue', { by: 'week' as const }, 'InvalidRequest', /by does not apply to the report revenue/],
  ])('is refused: %s %j', async (name, asked, kind, message) => {
    const { ports, queries } = given()
    await expect(runReport(ports, name, asked)).rejects.toMatchObject({ kind, message })
    expect(queries).toEqual([])
  })

  it.each([
    ['sign_up_share', 'share'],
    ['week_3', 'share'],
    ['low', 'share'],
    ['churn', 'amount'],
    ['churned', 'count'],
    ['end_amount', 'amount'],
    ['hours_each', 'hours'],
    ['awake_hours', 'hours'],
    ['cost_of_customer', 'cost'],
    ['median_days', 'days'],
    ['month', 'text'],
    ['verdict', 'verdict'],
  ])('shows the column %s as a %s', (column, kind) => {
    expect(kindOf(column)).toBe(kind)
  })
})

describe('reports that are kept', () => {
  it('cost one query in five minutes for the same parameters', async () => {
    const { ports, queries, clock } = given()
    const run = cachedReports(ports)
    await Promise.all([run('funnel', {}), run('funnel', {})])
    await run('funnel', { offer: undefined })
    expect(queries.length).toBe(1)
    await run('funnel', { offer: 'shop' })
    expect(queries.length).toBe(2)
    clock.now = '2026-06-30T12:05:00.000Z'
    await run('funnel', {})
    expect(queries.length).toBe(3)
  })

  it('do not include a failure', async () => {
    const { ports, queries, failing } = given()
    const run = cachedReports(ports)
    failing.next = true
    await expect(run('funnel', {})).rejects.toThrow('broken')
    failing.next = false
    await run('funnel', {})
    expect(queries.length).toBe(2)
  })

  it('are fifty at most', async () => {
    const { ports, queries } = given()
    const run = cachedReports(ports)
    for (let place = 0; place < 51; place += 1) await run('funnel', { offer: `offer-${place}` })
    await run('funnel', { offer: 'offer-50' })
    expect(queries.length).toBe(51)
    await run('funnel', { offer: 'offer-0' })
    expect(queries.length).toBe(52)
  })
})
