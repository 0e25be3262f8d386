import type { Actor } from '../../../core/events/event.ts'
import { type Instant, toInstant } from '../../../core/instant.ts'
import type { Clocks } from '../../../core/ports/context.ts'
import type { SiteTotals } from '../../../core/ports/site-lists.ts'
import { conflict, retryOnConflict } from '../../../core/retry-on-conflict.ts'
import { liveTrials } from '../../../core/site/site-facts.ts'
import type { RateWindow, RateWindows } from '../../signup/abuse/ports.ts'
import { type RoomPorts, roomForOwners } from '../../sites/cells/place-sites.ts'
import type { TrialControlStore, WaitingList } from '../ports.ts'
import type { Ceilings, TrialControls } from './waiting-entry.ts'

export interface TrialRoomPorts extends RoomPorts {
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
  /** Invited accounts, each with a reserved trial. */
  readonly invited: number
  readonly room: number
}

const mostInvited = 10_000

/** Reads everything that decides about room, in one round trip. */
export const trialRoom = async (ports: TrialRoomPorts): Promise<TrialRoom> => {
  const { ceilings, totals, rateWindows, trialControls, waitingList, clocks } = ports
  const [known, newInHour, controls, invited, inCells] = await Promise.all([
    totals.read(),
    newTrialsInHour(rateWindows, clocks.wall()),
    trialControls.read(),
    waitingList.count('invited', mostInvited),
    roomForOwners(ports),
  ])
  const live = liveTrials(known)
  const isPaused = controls?.isPaused === true
  const left = Math.min(ceilings.mostLive - live, ceilings.mostNewPerHour - newInHour, inCells) - invited
  return { isPaused, live, newInHour, invited, room: isPaused ? 0 : Math.max(0, left) }
}

const stretch = 10 * 60_000
const hour = 60 * 60_000

/** Kept for an hour after its end. */
const windowAt = (start: number): RateWindow => ({
  key: `new-trials-${start}`,
  endsAt: toInstant(new Date(start + stretch + hour)),
})

const startOf = (now: Instant): number => Math.floor(Date.parse(now) / stretch) * stretch

/** By the wall clock. */
export const countNewTrial = async (rateWindows: Pick<RateWindows, 'count'>, now: Instant): Promise<void> => {
  await rateWindows.count([windowAt(startOf(now))])
}

/** The trials of the last hour, rounded up to ten minutes. */
export const newTrialsInHour = async (rateWindows: Pick<RateWindows, 'read'>, now: Instant): Promise<number> => {
  const last = startOf(now)
  const starts = Array.from({ length: hour / stretch + 1 }, (_, index) => last - index * stretch)
  const counts = await rateWindows.read(starts.map(windowAt))
  return counts.reduce((sum, count) => sum + count, 0)
}

/**
 * Pauses or resumes new trials.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const pauseTrials = async (
  { trialControls, clocks }: { readonly trialControls: TrialControlStore; readonly clocks: Clocks },
  said: { readonly isPaused: boolean; readonly reason: string; readonly actor: Actor },
): Promise<TrialControls> =>
  retryOnConflict('The pause of new trials', async () => {
    const before = await trialControls.read()
    const next: TrialControls = { schemaVersion: 1, version: (before?.version ?? 0) + 1, at: clocks.wall(), ...said }
    return (await trialControls.write(next)) ? next : conflict
  })
