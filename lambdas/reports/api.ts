import type * as z from 'zod'
import { type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import type { Separator } from '../leads/lead-csv.ts'
import type { Offers } from '../offers/offers.ts'
import { reportOperations as operations, type reportAnswers } from './operations.ts'
import { reportGroups, reportNames, reportOf } from './reports.ts'
import { cachedReports, type Report, type ReportPorts, reportCsv } from './run-report.ts'

interface ReportApiPorts extends ReportPorts, OperatorPorts, HttpPorts {
  readonly offers: Offers
}

type View = z.input<(typeof reportAnswers.operatorGetReport)[200]['schema']>

const viewOf = ({ columns, rows, ...report }: Report): View => ({
  ...report,
  columns: [...columns],
  rows: rows.map((row) => [...row]),
})

const list = reportNames.map((name) => {
  const { title, isGrouped } = reportOf(name)
  return { name, title, by: isGrouped ? reportGroups : [] }
})

const fileOf = (report: Report, separator: Separator) => ({
  text: reportCsv(report, separator),
  headers: {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${report.name}-${report.from}-${report.until}.csv"`,
  },
})

export const create = (ports: ReportApiPorts) => {
  const run = cachedReports(ports)
  return httpHandler(
    [
      operatorEndpoint(operations.operatorListReports, ports, async () => {
        return { body: { reports: list, offers: ports.offers.all.map(({ id }) => id) } }
      }),
      operatorEndpoint(operations.operatorGetReport, ports, async ({ params, query }) => {
        const { format, separator, ...asked } = query
        const report = await run(params.name, asked)
        return format === 'csv' ? fileOf(report, separator) : { body: viewOf(report) }
      }),
    ],
    ports,
  )
}
