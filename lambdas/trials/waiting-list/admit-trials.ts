import { SitewrightError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/events/actor.ts'
import { type Instant, plusDays, plusMilliseconds, toInstant } from '../../../core/instant.ts'
import { isTrialPlan } from '../../../core/plan/plan.ts'
import type { Clocks, Context } from '../../../core/ports/context.ts'
import type { SiteTotal, SiteTotals } from '../../../core/ports/site-lists.ts'
import { conflict, retryOnConflict } from '../../../core/retry-on-conflict.ts'
import type { RateWindow, RateWindows } from '../../rate-limits/count-in-windows.ts'
import { type RoomPorts, roomForOwners } from '../../sites/cells/place-sites.ts'
import {
  type AskedTrial,
  type Ceilings,
  invitationDays,
  type TrialControlStore,
  type TrialControls,
  type WaitingList,
} from './waiting-entry.ts'

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

/** Room for one trial, held until the site is created. */
export interface TrialReservation {
  /** Returns the room if no site was created. */
  readonly release: () => void
}

export interface Admission {
  /** Reserves room, by an answer that is cached for a few seconds; undefined if there is none. */
  readonly take: (blueprint: string) => Promise<TrialReservation | undefined>
  /** Admits an account that is invited to this trial; puts any other on the waiting list. @throws {SitewrightError} `WaitingList`. */
  readonly requireInvitation: (asked: AskedTrial) => Promise<void>
  /** Puts an account on the waiting list, also an invited one, which keeps its place. @throws {SitewrightError} `WaitingList`. */
  readonly wait: (asked: AskedTrial) => Promise<never>
  /** Drops the cached answer. */
  readonly forget: () => void
}

export interface AdmissionPorts extends TrialRoomPorts, Pick<Context, 'log' | 'monotonic'> {
  readonly waitingList: WaitingList
}

/** In milliseconds. An answer older than `fresh` is refreshed in the background; one older than `usable` is awaited. */
const fresh = 2000
const usable = 60_000
/** A reservation is in the totals once its event was counted. */
const untilCounted = 10_000

const retryAfterSeconds = 3600

interface Answer {
  readonly roomFor: TrialRoom['roomFor']
  readonly readAt: number
}

/** There is no room while it is that of somebody who waits uninvited. */
const readAnswer = async (ports: AdmissionPorts): Promise<Answer> => {
  const readAt = ports.monotonic()
  const [{ roomFor }, wanted] = await Promise.all([trialRoom(ports), ports.waitingList.wanted()])
  return {
    roomFor: (blueprint, given) =>
      wanted.some((other) => roomFor(other.blueprint, given) > 0) ? 0 : roomFor(blueprint, given),
    readAt,
  }
}

/**
 * Caches the room for trials, and subtracts its own reservations. One process never exceeds the room; several may by a
 * few seconds' worth.
 */
export const createAdmission = (ports: AdmissionPorts): Admission => {
  const { waitingList, trialControls, clocks, log, monotonic } = ports
  let answer: Answer | undefined
  let refreshing: Promise<Answer> | undefined
  let given: readonly { readonly at: number; readonly blueprint: string }[] = []

  const refresh = (): Promise<Answer> => {
    refreshing ??= readAnswer(ports)
      .then((read) => {
        answer = read
        return read
      })
      .finally(() => {
        refreshing = undefined
      })
    return refreshing
  }
  const roomOf = ({ roomFor, readAt }: Answer, asked: string): number => {
    given = given.filter(({ at }) => at > readAt - untilCounted)
    return roomFor(
      asked,
      given.map(({ blueprint }) => blueprint),
    )
  }
  const present = async (blueprint: string): Promise<Answer> => {
    if (answer === undefined || monotonic() - answer.readAt > usable) return refresh()
    if (monotonic() - answer.readAt <= fresh) return answer
    const renewed = refresh()
    // A refused request can wait for a fresh answer.
    if (roomOf(answer, blueprint) === 0) return renewed
    renewed.catch((error: unknown) => log.warn({ err: error }, 'the room for trials could not be read'))
    return answer
  }

  const arePaused = async (): Promise<boolean> => (await trialControls.read())?.isPaused === true
  const wait: Admission['wait'] = async (asked) => {
    await waitingList.join(asked, clocks.wall(), await arePaused())
    throw new SitewrightError(
      'WaitingList',
      'There is no room for another trial at the moment. You are on the waiting list. We will send you a mail when it is your turn.',
      { retryAfterSeconds },
    )
  }

  return {
    take: async (blueprint) => {
      if (roomOf(await present(blueprint), blueprint) === 0) return undefined
      const place = { at: monotonic(), blueprint }
      given = [...given, place]
      return {
        release: () => {
          given = given.filter((other) => other !== place)
        },
      }
    },
    requireInvitation: async (asked) => {
      const entry = await waitingList.find(asked.accountId)
      const isInvited = entry?.status === 'invited' && entry.until > clocks.wall() && entry.trialOf === asked.trialOf
      if (!isInvited || (await arePaused())) await wait(asked)
    },
    wait,
    forget: () => {
      answer = undefined
    },
  }
}
