import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'

const brakes = async (writing: Writing) => (await import('./store.ts')).createBrakeStore(writing)
const brake = async (writing: Writing) => (await import('./brake.ts')).brakeFromStore(await brakes(writing))
const trialControls = async (writing: Writing) => (await import('./waiting-list/store.ts')).createTrialControls(writing)
const waitingList = async (writing: Writing) => (await import('./waiting-list/store.ts')).createWaitingList(writing)

export const access = {
  'brake:read': gives({ brake }, itemsBelow('main', ['GetItem'], 'BRAKE')),
  // The state and its history.
  'brake:write': gives({ brakes }, itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'BRAKE')),
  // Endings by operators and by deadlines share one count.
  'pace:take': gives({}, itemsBelow('main', ['GetItem', 'PutItem'], 'BRAKE'), itemsBelow('main', ['Query'], 'TOTALS')),
  'trials:read': gives(
    { trialControls: only(trialControls, 'history', 'read') },
    itemsBelow('main', ['Query'], 'TRIAL-CONTROLS'),
  ),
  'trials:write': gives({ trialControls }, itemsBelow('main', ['Query', 'PutItem'], 'TRIAL-CONTROLS')),
  'waiting-list:read': gives(
    { waitingList },
    itemsBelow('main', ['Query'], 'WAITING'),
    items('main', ['GetItem'], 'ACCOUNT'),
  ),
  // Each entry is also stored below its account.
  'waiting-list:write': gives(
    { waitingList },
    itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'WAITING'),
    items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'ACCOUNT'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

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
    'totals:place',
    'totals:read',
    'usage:read',
    'workflows:start',
  ],
  oneAtATime: true,
  // At the beginning of a day it reads the deadlines of the next two days.
  timeout: 300,
  alarm: { feels: 'No reminders are sent, and ended trials keep running; nobody loses anything.', tolerated: 2 },
})
