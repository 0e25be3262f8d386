import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents, onOwnersEvents, onPayingOperations } from '../_runtime/patterns.ts'
import { reportOperations } from './operations.ts'
import { reportedAccountEvents, reportedSiteEvents } from './record-event.ts'

export { access } from './access.ts'

// The data set of reports.

const record = async () => (await import('./record-event.ts')).recordEvent

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
  uses: ['accounts:read', 'leads:list', 'reports:record', 'reports:write', 'sites:read', 'usage:read'],
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
