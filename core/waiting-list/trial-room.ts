import type { RateWindows } from '../ports/abuse.ts'
import type { Clocks } from '../ports/context.ts'
import type { SiteTotals } from '../ports/site-lists.ts'
import type { TrialControlStore, WaitingList } from '../ports/trials.ts'
import { liveTrials } from '../site/totals.ts'
import type { Ceilings } from './ceilings.ts'
import { newTrialsInHour } from './new-trials.ts'

export interface TrialRoomPorts {
  readonly ceilings: Ceilings
  readonly totals: Pick<SiteTotals, 'read'>
  readonly rateWindows: Pick<RateWindows, 'read'>
  readonly trialControls: Pick<TrialControlStore, 'read'>
  readonly waitingList: Pick<WaitingList, 'count'>
  readonly clocks: Clocks
}

export interface TrialRoom {
  readonly isPaused: boolean
  readonly live: number
  readonly newInHour: number
  /** Who was invited and has not come yet: a place is kept for each. */
  readonly invited: number
  /** How many more may come now. */
  readonly room: number
}

const mostInvited = 10_000

/** Everything that decides whether there is room for another trial, in the time of one round trip. */
export const trialRoom = async (ports: TrialRoomPorts): Promise<TrialRoom> => {
  const { ceilings, totals, rateWindows, trialControls, waitingList, clocks } = ports
  const [known, newInHour, controls, invited] = await Promise.all([
    totals.read(),
    newTrialsInHour(rateWindows, clocks.wall()),
    trialControls.read(),
    waitingList.count('invited', mostInvited),
  ])
  const live = liveTrials(known)
  const isPaused = controls?.isPaused === true
  const left = Math.min(ceilings.mostLive - live, ceilings.mostNewPerHour - newInHour) - invited
  return { isPaused, live, newInHour, invited, room: isPaused ? 0 : Math.max(0, left) }
}
