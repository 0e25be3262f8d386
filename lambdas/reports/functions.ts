import { gives, items, itemsBelow, only, type PortsIn, query, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents, onOwnersEvents, onPayingOperations } from '../_runtime/patterns.ts'
import { reportOperations } from './operations.ts'
import { reportedAccountEvents, reportedSiteEvents } from './record-rows.ts'

// The data set of reports.

const reportAccounts = async (writing: Writing) => (await import('./store.ts')).createReportAccounts(writing)
const accountRebuilds = async (writing: Writing) => (await import('./store.ts')).createAccountRebuilds(writing)
const reportRows = async (writing: Writing) => (await import('./store.ts')).createReportRows(writing)
const changedRows = async (writing: Writing) => (await import('./store.ts')).createChangedRows(writing)
const eventHistory = async (writing: Writing) => (await import('./store.ts')).createEventHistory(writing)
const usage = async (writing: Writing) => (await import('./usage/store.ts')).createUsageStore(writing)

export const access = {
  // What the rows of an account have in common, and whether it is erased.
  'reports:record': gives(
    { reportAccounts: only(reportAccounts, 'get', 'create'), reportRows: only(reportRows, 'put') },
    items('main', ['GetItem', 'PutItem'], 'REPORT-ACCOUNT'),
    items('short', ['GetItem'], 'REPORT-ACCOUNT'),
    items('main', ['ConditionCheckItem'], 'ACCOUNT'),
    items('short', ['PutItem'], 'ROWS#events', 'ROWS#usage'),
    itemsBelow('short', ['UpdateItem'], 'ROWS#CHANGED'),
  ),
  // Events, to rebuild the data set, and rows.
  'reports:write': gives(
    { accountRebuilds, changedRows, eventHistory },
    items('main', ['Query'], 'ACCOUNT', 'LEAD', 'SITE'),
    items('main', ['UpdateItem'], 'REPORT-ACCOUNT'),
    query(['byAccount'], 'REPORT-ACCOUNT'),
    items('short', ['Query'], 'ROWS'),
    itemsBelow('short', ['DeleteItem'], 'ROWS#CHANGED'),
  ),
  // Routers write it.
  'usage:read': gives({ usage: only(usage, 'lastUse', 'list') }, items('short', ['Query'], 'USAGE')),
  'visits:count': gives(
    { reportRows: only(reportRows, 'countVisit') },
    items('short', ['UpdateItem'], 'ROWS#visits'),
    itemsBelow('short', ['UpdateItem'], 'ROWS#CHANGED'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

const record = async () => (await import('./record-rows.ts')).recordEvent

export const recordReports = defineFunction({
  name: 'record-reports',
  triggers: [
    { events: onOwnersEvents(...reportedSiteEvents), run: record },
    { events: onPayingOperations, run: record },
    { events: onEvents(...reportedAccountEvents), run: record },
  ],
  uses: ['accounts:read', 'reports:record'],
  timeout: 30,
  alarm: { feels: 'Nothing; reports lack what happens now.', tolerated: 2 },
})

/** Writes the files, and fills a data set that is new. */
export const writeReports = defineFunction({
  name: 'write-reports',
  triggers: [
    { everyMinutes: 60, startsLater: true, run: async () => (await import('./write-reports.ts')).writeReports },
    { everyMinutes: 60, startsLater: true, run: async () => (await import('./rebuild-reports.ts')).rebuildReports },
  ],
  uses: ['accounts:read', 'reports:record', 'reports:write', 'sites:read', 'usage:read'],
  oneAtATime: true,
  timeout: 900,
  alarm: { feels: 'Nothing; reports are old.', tolerated: 1 },
})

/** It reads the files of the data set, which name nobody, and nothing of accounts. */
export const reportApi = defineFunction({
  name: 'report-api',
  triggers: [
    {
      operations: Object.values(reportOperations),
      answers: async () => (await import('./operations.ts')).reportAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: ['operators:verify', 'audit:append', 'refusals:count', 'reports:read'],
  timeout: 29,
  alarm: { feels: 'Sales cannot see reports.', tolerated: 0 },
})
