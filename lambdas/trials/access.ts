import {
  items,
  itemsBelow,
  only,
  type PortsIn,
  type TableAccesses,
  type Writing,
} from '../../adapters/dynamodb/access.ts'

const brakes = async (writing: Writing) => (await import('./store.ts')).createBrakeStore(writing)
const brake = async (writing: Writing) => (await import('./change-brake.ts')).brakeFromStore(await brakes(writing))
const trialControls = async (writing: Writing) => (await import('./store.ts')).createTrialControls(writing)
const waitingList = async (writing: Writing) => (await import('./waiting-list/store.ts')).createWaitingList(writing)

export const access = {
  'brake:read': { ports: { brake }, items: [itemsBelow('main', ['GetItem'], 'BRAKE')] },
  // The state and its history.
  'brake:write': { ports: { brakes }, items: [itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'BRAKE')] },
  // Endings by operators and by deadlines share one count.
  'pace:take': {
    ports: {},
    items: [itemsBelow('main', ['GetItem', 'PutItem'], 'BRAKE'), itemsBelow('main', ['Query'], 'TOTALS')],
  },
  'trials:read': {
    ports: { trialControls: only(trialControls, 'history', 'read') },
    items: [itemsBelow('main', ['Query'], 'TRIAL-CONTROLS')],
  },
  'trials:write': { ports: { trialControls }, items: [itemsBelow('main', ['Query', 'PutItem'], 'TRIAL-CONTROLS')] },
  'waiting-list:read': {
    ports: { waitingList },
    items: [itemsBelow('main', ['Query'], 'WAITING'), items('main', ['GetItem'], 'ACCOUNT')],
  },
  // Each entry is also stored below its account.
  'waiting-list:write': {
    ports: { waitingList },
    items: [
      itemsBelow('main', ['Query', 'PutItem', 'DeleteItem'], 'WAITING'),
      items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'ACCOUNT'),
    ],
  },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
