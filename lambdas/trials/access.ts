import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const brakes = async (writing: Writing) => (await import('./store.ts')).createBrakeStore(writing)
const brake = async (writing: Writing) => (await import('./change-brake.ts')).brakeFromStore(await brakes(writing))
const trialControls = async (writing: Writing) => (await import('./store.ts')).createTrialControls(writing)
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
