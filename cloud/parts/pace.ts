import { createBrakeStore } from '../../adapters/dynamodb/operator-controls.ts'
import { createSiteTotals } from '../../adapters/dynamodb/site-totals.ts'
import { paceFromStore } from '../../core/brake/pace-from-store.ts'
import type { Clocks } from '../../core/ports/clocks.ts'
import type { Log } from '../../core/ports/log.ts'
import type { Pace } from '../../core/ports/pace.ts'
import type { OpenTables } from './tables.ts'

/** How fast things may be taken away: one pace for the whole place. */
export const openPace = (tables: OpenTables, ports: { readonly clocks: Clocks; readonly log: Log }): Pace =>
  paceFromStore({ ...ports, brakes: createBrakeStore(tables), totals: createSiteTotals(tables) })
