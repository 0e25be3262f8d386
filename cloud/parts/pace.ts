import { createBrakeStore } from '../../adapters/dynamodb/brake-store.ts'
import { createSiteTotals } from '../../adapters/dynamodb/site-totals.ts'
import { paceFromStore } from '../../core/brake/change-brake.ts'
import type { Pace } from '../../core/ports/brake.ts'
import type { Clocks, Log } from '../../core/ports/context.ts'
import type { OpenTables } from './tables.ts'

/** How fast things may be taken away: one pace for the whole place. */
export const openPace = (tables: OpenTables, ports: { readonly clocks: Clocks; readonly log: Log }): Pace =>
  paceFromStore({ ...ports, brakes: createBrakeStore(tables), totals: createSiteTotals(tables) })
