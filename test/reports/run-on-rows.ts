import { plusDays } from '../../core/instant.ts'
import type { EventRow } from '../../lambdas/reports/report-row.ts'
import { type AskedReport, runReport } from '../../lambdas/reports/run-report.ts'
import { type ReportData, reportEngineOn, writeReportData } from '../support/report-data.ts'

/** The instant from which these tests look back. */
const now = '2026-06-30T12:00:00.000Z'

const clocks = { domain: () => now, wall: () => now }

/** Runs a report of the first half of 2026 over rows. */
export const reportOnRows = async (name: string, data: ReportData, asked: AskedReport = {}) => {
  // The data set has rows until now.
  const last: EventRow = {
    ...opened('nobody', now, { offer: 'none' }),
    type: 'AccountOpened',
    signedUpAt: '2020-01-01T00:00:00.000Z',
  }
  const directory = await writeReportData({ ...data, events: [...(data.events ?? []), last] })
  const ports = { reportEngine: await reportEngineOn(directory), clocks, reportPolicy: { awakeHourCost: 0.01 } }
  return runReport(ports, name, { from: '2026-01-01', until: '2026-06-30', ...asked })
}

/** @returns the rows of a report as records. */
export const runOnRows = async (...asked: Parameters<typeof reportOnRows>) => {
  const report = await reportOnRows(...asked)
  const names = report.columns.map((column) => column.name)
  return report.rows.map((row) => Object.fromEntries(row.map((cell, place) => [names[place] ?? '', cell])))
}

let ids = 0

/** The sign-up of an account. */
export const opened = (account: string, at: string, more: Partial<EventRow> = {}): EventRow => {
  ids += 1
  return { id: `event-${ids}`, at, type: 'AccountOpened', account, offer: 'default', signedUpAt: at, ...more }
}

/** An event of the account of a sign-up. */
export const later = (signUp: EventRow, type: string, at: string, more: Partial<EventRow> = {}): EventRow => {
  ids += 1
  return { ...signUp, id: `event-${ids}`, type, at, ...more }
}

/** So many days after an instant. */
export const daysLater = (at: string, days: number): string => plusDays(at, days)
