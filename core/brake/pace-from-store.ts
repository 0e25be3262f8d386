import type { BrakeStore } from '../ports/brake-store.ts'
import type { Clocks } from '../ports/clocks.ts'
import type { Log } from '../ports/log.ts'
import type { Pace } from '../ports/pace.ts'
import type { SiteTotals } from '../ports/site-totals.ts'
import { unpurgedSites } from '../site/totals.ts'
import { changeBrake } from './change-brake.ts'
import { allowanceOf, roomAt, spend } from './pace.ts'

/** The pace of what the clock takes away, for whatever else is removed: both count in one. No forecast knows of it. */
export const paceFromStore = ({
  brakes,
  totals,
  clocks,
  log,
}: {
  readonly brakes: BrakeStore
  readonly totals: Pick<SiteTotals, 'read'>
  readonly clocks: Clocks
  readonly log: Log
}): Pace => ({
  take: async (what) => {
    const now = clocks.domain()
    const allowance = allowanceOf(unpurgedSites(await totals.read()))
    let isTaken = false
    await changeBrake(brakes, now, (state) => {
      isTaken = state.tripped === undefined && roomAt(state.spent, now, allowance) > 0
      return isTaken ? { next: { ...state, spent: spend(state.spent, now, 1) } } : undefined
    })
    log.info({ event: 'removal-paced', what, isTaken }, 'something is to be removed at the pace')
    return isTaken
  },
})
