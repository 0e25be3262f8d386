import { SitewrightError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/events/actor.ts'
import type { Clocks, Context } from '../../../core/ports/context.ts'
import { conflict, retryOnConflict } from '../../../core/retry-on-conflict.ts'
import { type TrialRoom, type TrialRoomPorts, trialRoom } from './trial-room.ts'
import type { AskedTrial, TrialControlStore, TrialControls, WaitingList } from './waiting-entry.ts'

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

  const wait: Admission['wait'] = async (asked) => {
    await waitingList.join(asked, clocks.wall())
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
      if (!isInvited || (await trialControls.read())?.isPaused === true) await wait(asked)
    },
    wait,
    forget: () => {
      answer = undefined
    },
  }
}
