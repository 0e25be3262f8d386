import { defineFunction } from '../_runtime/define-function.ts'

export { access } from './access.ts'

export const actOnDeadlines = defineFunction({
  name: 'act-on-deadlines',
  triggers: [
    { everyMinutes: 1, run: async () => (await import('./act-on-deadlines.ts')).actOnDeadlines },
    { everyMinutes: 1, run: async () => (await import('../relocations/advance-relocations.ts')).advanceRelocations },
    { everyMinutes: 1, run: async () => (await import('../endings/copy/begin-copies.ts')).takeScheduledCopies },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'configurations:read',
    'brake:read',
    'brake:write',
    'totals:read',
    'usage:read',
    'workflows:start',
  ],
  oneAtATime: true,
  // At the beginning of a day it reads the deadlines of the next two days.
  timeout: 300,
  alarm: { feels: 'No reminders are sent, and ended trials keep running; nobody loses anything.', tolerated: 2 },
})
