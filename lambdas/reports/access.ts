import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const reportAccounts = async (writing: Writing) => (await import('./store.ts')).createReportAccounts(writing)
const reportRows = async (writing: Writing) => (await import('./store.ts')).createReportRows(writing)
const changedRows = async (writing: Writing) => (await import('./store.ts')).createChangedRows(writing)
const eventHistory = async (writing: Writing) => (await import('./store.ts')).createEventHistory(writing)
const usage = async (writing: Writing) => (await import('./usage/store.ts')).createUsageStore(writing)

export const access = {
  // What the rows of an account have in common, and whether it is erased.
  'reports:record': gives(
    { reportAccounts, reportRows: only(reportRows, 'put') },
    items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'REPORT-ACCOUNT'),
    items('main', ['ConditionCheckItem'], 'ACCOUNT'),
    items('short', ['PutItem'], 'ROWS#events', 'ROWS#usage'),
    itemsBelow('short', ['UpdateItem'], 'ROWS#CHANGED'),
  ),
  // Events, to rebuild the data set, and rows.
  'reports:write': gives(
    { changedRows, eventHistory },
    items('main', ['Query'], 'ACCOUNT', 'LEAD', 'SITE'),
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
