import type { Actor } from '../../core/events/actor.ts'
import type { Clocks, Log } from '../../core/ports/context.ts'
import type { SiteTotals } from '../../core/ports/site-lists.ts'
import {
  allowanceOf,
  type BrakeState,
  type BrakeStore,
  changeBrake,
  roomAt,
  spend,
  trip,
  unpurgedSites,
} from './brake.ts'

export interface Pace {
  /**
   * Counts one removal before it happens.
   * @param what names it in the log.
   * @returns false if there is no room now, or the brake is on.
   */
  readonly take: (what: string) => Promise<boolean>
}

interface BrakePorts {
  readonly brakes: BrakeStore
  readonly clocks: Clocks
}

interface Decision {
  readonly actor: Actor
  readonly reason: string
}

/** Pulls the brake by hand. If it is on already, that is only noted. */
export const pullBrake = ({ brakes, clocks }: BrakePorts, { actor, reason }: Decision): Promise<BrakeState> => {
  const now = clocks.domain()
  return changeBrake(brakes, now, (state) => {
    const change = trip(state, now, { because: 'operator', detail: reason, actor })
    return state.tripped === undefined ? change : { ...change, next: state }
  })
}

/** Releases the brake. The operator has checked the forecast and the clock, so both count as right. */
export const releaseBrake = ({ brakes, clocks }: BrakePorts, { actor, reason }: Decision): Promise<BrakeState> => {
  const now = clocks.domain()
  return changeBrake(brakes, now, ({ tripped, forecast: _, ...state }) =>
    tripped === undefined
      ? undefined
      : { next: { ...state, seenAt: now }, act: { act: 'released', because: tripped.because, detail: reason, actor } },
  )
}

/** Limits the rate of other removals; they share one count with the deadlines' steps. */
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
}): Pace => {
  const takeNow = async (what: string): Promise<boolean> => {
    const now = clocks.domain()
    const allowance = allowanceOf(unpurgedSites(await totals.read()))
    let isTaken = false
    await changeBrake(brakes, now, (state) => {
      isTaken = state.tripped === undefined && roomAt(state.spent, now, allowance) > 0
      return isTaken ? { next: { ...state, spent: spend(state.spent, now, 1) } } : undefined
    })
    log.info({ event: 'removal-paced', what, isTaken }, 'a removal asked the rate limit for room')
    return isTaken
  }
  // One after the other: those of one sweep would take the record from each other.
  let last: Promise<unknown> = Promise.resolve()
  return {
    take: (what) => {
      const taken = last.then(() => takeNow(what))
      last = taken.catch(() => undefined)
      return taken
    },
  }
}
