import { createTrialControls } from '../../adapters/dynamodb/operator-controls.ts'
import { createRateWindows } from '../../adapters/dynamodb/rate-windows.ts'
import { createSiteTotals } from '../../adapters/dynamodb/site-totals.ts'
import { createWaitingList } from '../../adapters/dynamodb/waiting-list.ts'
import type { OpenTables } from './tables.ts'

/** What says whether there is room for another trial, and who waits for one. */
export const openTrialRoom = (tables: OpenTables) => ({
  totals: createSiteTotals(tables),
  rateWindows: createRateWindows(tables),
  trialControls: createTrialControls(tables),
  waitingList: createWaitingList(tables),
})
