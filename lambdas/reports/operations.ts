import * as z from 'zod'
import { operationsFor } from '../_runtime/operation.ts'
import { separatorForm } from '../leads/lead-csv.ts'
import { columnKinds, reportGroups, reportNames } from './reports.ts'

export const reportOperations = operationsFor({ audience: 'operator', roles: ['sales', 'admin'] })({
  operatorListReports: { get: '/v1/operator/reports', summary: 'List the reports.' },
  operatorGetReport: {
    get: '/v1/operator/reports/{name}',
    summary: 'Get a report, as JSON or CSV.',
    description: 'It is computed at most once in five minutes. `docs/reports.md` says what its columns are.',
    params: z.object({
      name: z
        .string()
        .max(100)
        .describe(`One of ${reportNames.join(', ')}.`),
    }),
    query: z.strictObject({
      from: z.iso.date().optional().describe('The first day (UTC); 90 days in all by default.'),
      until: z.iso.date().optional().describe('The last day (UTC); today by default.'),
      offer: z.string().max(100).optional().describe('The id of an offer; all by default.'),
      by: z
        .enum(reportGroups)
        .optional()
        .describe('For `funnel`, `conversion-time` and `trial-cost`; `offer` by default.'),
      format: z.enum(['json', 'csv']).default('json'),
      separator: separatorForm,
    }),
    errors: ['NotFound'],
  },
})

const reportName = z.enum(reportNames)

export const reportAnswers = {
  operatorListReports: {
    200: {
      description: 'All reports.',
      schema: z.strictObject({
        reports: z.array(
          z.strictObject({
            name: reportName,
            title: z.string(),
            by: z.array(z.enum(reportGroups)).describe('How it can be grouped; empty if it cannot.'),
          }),
        ),
        offers: z.array(z.string()).describe('The ids of the offers.'),
      }),
    },
  },
  operatorGetReport: {
    200: {
      description:
        'The report. With `format=csv`, a row for each of its rows, below the names of the columns, and where there are more than 1,000, a last line that says so.',
      schema: z
        .strictObject({
          name: reportName,
          title: z.string(),
          from: z.iso.date(),
          until: z.iso.date(),
          offer: z.string().nullable(),
          by: z.enum(reportGroups).nullable(),
          columns: z.array(z.strictObject({ name: z.string(), kind: z.enum(columnKinds) })),
          rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
          truncated: z.boolean().describe('Whether there are more than 1,000 rows.'),
          asOf: z.iso
            .datetime({ precision: 3 })
            .nullable()
            .describe('Until when the data set has rows; null while it is empty.'),
        })
        .meta({ id: 'Report' }),
      orText: 'text/csv',
    },
  },
} as const
