import { afterAll, describe, expect, it } from 'vitest'
import type { ReportQuery } from '../../../lambdas/reports/ports.ts'
import { openApiStage } from '../api-stage.ts'

const queries: ReportQuery[] = []
let isTruncated = false

const reportEngine = {
  run: async (query: ReportQuery) => {
    queries.push(query)
    const rows = [['=shop', 2, 0.5] as const, ['plain', 1, null] as const]
    return {
      columns: ['segment', 'paid', 'paid_share'],
      rows,
      truncated: isTruncated,
      asOf: '2026-01-31T09:00:00.000Z',
    }
  },
}

const get = async (asked: string) => {
  const { pathname, searchParams } = new URL(`http://localhost/v1/operator/reports${asked}`)
  const headers = await stage.operator('sam@example.com', 'sales')
  return stage.send({ path: pathname, query: Object.fromEntries(searchParams), headers })
}

const stage = await openApiStage(() => ({ reportEngine }))
afterAll(() => stage[Symbol.asyncDispose]())

describe('the API of reports', () => {
  it('lists the reports and the offers', async () => {
    const { json } = await get('')
    expect(json['reports']).toContainEqual(expect.objectContaining({ name: 'retention', by: [] }))
    expect(json['reports']).toContainEqual({
      ...{ name: 'funnel', title: 'From the visit to the payment', by: ['offer', 'variant', 'campaign', 'week'] },
    })
    expect(json['offers']).toEqual(['default'])
  })

  it('gives a report with its parameters, and computes it once', async () => {
    const path = '/funnel?from=2026-01-01&until=2026-01-31&offer=shop&by=week'
    const { status, json } = await get(path)
    expect(status).toBe(200)
    expect(json).toEqual({
      ...{ name: 'funnel', title: 'From the visit to the payment', from: '2026-01-01', until: '2026-01-31' },
      ...{ offer: 'shop', by: 'week', truncated: false, asOf: '2026-01-31T09:00:00.000Z' },
      columns: [
        { name: 'segment', kind: 'text' },
        { name: 'paid', kind: 'count' },
        { name: 'paid_share', kind: 'share' },
      ],
      rows: [
        ['=shop', 2, 0.5],
        ['plain', 1, null],
      ],
    })
    const before = queries.length
    await get(path)
    expect(queries.length).toBe(before)
  })

  it('gives a file for spreadsheets, without formulae', async () => {
    const { headers, text } = await get('/funnel?from=2026-01-01&until=2026-01-31&format=csv')
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="funnel-2026-01-01-2026-01-31.csv"',
    })
    expect(text).toBe("\u{feff}segment,paid,paid_share\r\n'=shop,2,0.5\r\nplain,1,\r\n")
    const german = await get('/funnel?from=2026-01-01&until=2026-01-31&format=csv&separator=semicolon')
    expect(german.text).toBe("\u{feff}segment;paid;paid_share\r\n'=shop;2;0,5\r\nplain;1;\r\n")
  })

  it('says in the file that rows are missing', async () => {
    isTruncated = true
    const { text } = await get('/funnel?from=2026-01-02&until=2026-01-31&format=csv')
    isTruncated = false
    expect(text?.split('\r\n').slice(-3)).toEqual(['plain,1,', 'There are more rows. Ask for a shorter period.,,', ''])
  })

  it.each([
    ['/nonsense', 404, /The reports are funnel/],
    ['/funnel?from=2026-02-01&until=2026-01-01', 400, /until is before the first day/],
    ['/funnel?from=yesterday', 400, /from/],
    ['/funnel?by=person', 400, /by/],
    ['/revenue?by=week', 400, /by does not apply/],
    ['/funnel?secret=1', 400, /secret/],
  ])('refuses %s', async (path, status, detail) => {
    const answer = await get(path)
    expect(answer.status).toBe(status)
    expect(String(answer.json['detail'])).toMatch(detail)
  })
})
