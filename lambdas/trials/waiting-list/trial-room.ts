import { type Instant, plusDays, plusMilliseconds, toInstant } from '../../../core/instant.ts'
import { isTrialPlan } from '../../../core/plan/plan.ts'
import type { Clocks } from '../../../core/ports/context.ts'
import type { SiteTotal, SiteTotals } from '../../../core/ports/site-lists.ts'
import type { RateWindow, RateWindows } from '../../rate-limits/count-in-windows.ts'
import { type RoomPorts, roomForOwners } from '../../sites/cells/place-sites.ts'
import { type Ceilings, invitationDays, type TrialControlStore, type WaitingList } from './waiting-entry.ts'

export interface TrialRoomPorts extends RoomPorts {
  readonly ceilings: Ceilings
  readonly totals: Pick<SiteTotals, 'read'>
  readonly rateWindows: Pick<RateWindows, 'read'>
  readonly trialControls: Pick<TrialControlStore, 'read'>
  readonly waitingList: Pick<WaitingList, 'invited'>
  readonly clocks: Clocks
}

export interface TrialRoom {
  readonly isPaused: boolean
  readonly live: number
  readonly newInHour: number
  /** Invited accounts, each with a reserved trial. */
  readonly invited: number
  /** For all blueprints together. */
  readonly room: number
  /** For one blueprint: sites of the pool are of use only to those who ask for theirs. @param given those that were promised since, by blueprint. */
  readonly roomFor: (blueprint: string, given?: readonly string[]) => number
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0)

const liveStatuses: ReadonlySet<string> = new Set(['building', 'active', 'asleep'])

export const liveTrials = (totals: readonly SiteTotal[]): number => {
  const live = totals.filter(({ status, plan }) => isTrialPlan(plan) && liveStatuses.has(status))
  return Math.max(0, sum(live.map(({ sites }) => sites)))
}

/** Reads everything that decides about room, in one round trip. */
export const trialRoom = async (ports: TrialRoomPorts): Promise<TrialRoom> => {
  const { ceilings, totals, rateWindows, trialControls, waitingList, clocks } = ports
  const now = clocks.wall()
  const [known, newInHour, controls, invitedEntries, { free, ready }] = await Promise.all([
    totals.read(),
    newTrialsInHour(rateWindows, now),
    trialControls.read(),
    waitingList.invited(),
    roomForOwners(ports),
  ])
  const live = liveTrials(known)
  const isPaused = controls?.isPaused === true
  const invited = invitedEntries.length
  // Who does not come in the hour of the invitation must not keep everybody out of the next ones.
  const untilIfInHour = plusMilliseconds(plusDays(now, invitationDays), -hour)
  const invitedInHour = invitedEntries.filter(({ until }) => until > untilIfInHour).length
  const leftOfHour = ceilings.maxNewPerHour - newInHour - invitedInHour
  const left = isPaused ? 0 : Math.min(ceilings.maxLive - live - invited, leftOfHour)
  const room = Math.max(0, Math.min(left, free + sum(ready.values()) - invited))
  const roomFor: TrialRoom['roomFor'] = (blueprint, given = []) => {
    const promised = new Map<string, number>()
    for (const name of [...invitedEntries.map((entry) => entry.blueprint), ...given])
      promised.set(name, (promised.get(name) ?? 0) + 1)
    const inPool = (name: string): number => (ready.get(name) ?? 0) - (promised.get(name) ?? 0)
    const toBuild = sum([...promised.keys()].map((name) => Math.max(0, -inPool(name))))
    const inCells = Math.max(0, free - toBuild) + Math.max(0, inPool(blueprint))
    return Math.max(0, Math.min(left - given.length, inCells))
  }
  return { isPaused, live, newInHour, invited, room, roomFor }
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
