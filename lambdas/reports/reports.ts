import type { ReportTable } from './report-row.ts'

export const reportGroups = ['offer', 'variant', 'campaign', 'week'] as const
export type ReportGroup = (typeof reportGroups)[number]

interface Report {
  readonly title: string
  readonly tables: readonly ReportTable[]
  readonly isGrouped?: true
  /** Whether it needs what happened before its period. */
  readonly needsPast?: true
}

/** The reports; `reports/<name>.sql` computes one, and says what its columns are. */
const reports = {
  funnel: { title: 'From the visit to the payment', tables: ['events', 'visits'], isGrouped: true },
  'conversion-time': { title: 'Days from the sign-up to the payment', tables: ['events'], isGrouped: true },
  retention: { title: 'Use in the weeks after the sign-up', tables: ['events', 'usage'] },
  revenue: { title: 'Monthly revenue', tables: ['events'], needsPast: true },
  'trial-cost': { title: 'Cost of trials', tables: ['events'], isGrouped: true },
  variants: { title: 'Variants compared', tables: ['events'] },
} as const satisfies Readonly<Record<string, Report>>

export type ReportName = keyof typeof reports
export const reportOf = (name: ReportName): Report => reports[name]
export const isReportName = (name: string): name is ReportName => Object.hasOwn(reports, name)
export const reportNames: readonly ReportName[] = Object.keys(reports).filter(isReportName)

export const columnKinds = ['text', 'count', 'share', 'days', 'hours', 'amount', 'cost', 'verdict'] as const
export type ColumnKind = (typeof columnKinds)[number]

const shares: ReadonlySet<string> = new Set(['difference', 'low', 'high'])
const texts: ReadonlySet<string> = new Set([
  'segment',
  'cohort',
  'month',
  'currency',
  'offer',
  'variant',
  'measure',
  'against',
])
const amounts: ReadonlySet<string> = new Set(['expansion', 'contraction', 'churn'])

/** How a column is shown: its name says what it is. Amounts are in minor units. */
export const kindOf = (column: string): ColumnKind => {
  if (column === 'verdict') return 'verdict'
  if (texts.has(column)) return 'text'
  if (shares.has(column) || /share$|^week_/.test(column)) return 'share'
  if (amounts.has(column) || column.endsWith('_amount')) return 'amount'
  if (/^(?:awake_)?hours/.test(column)) return 'hours'
  if (column.startsWith('cost')) return 'cost'
  return column.endsWith('_days') ? 'days' : 'count'
}
