import { SitewrightError } from '../../../core/errors.ts'
import type { Log } from '../../../core/ports/context.ts'
import type { Admission, WaitingList } from '../ports.ts'
import { type TrialRoomPorts, trialRoom } from './control-trials.ts'

export interface AdmissionPorts extends TrialRoomPorts {
  readonly waitingList: WaitingList
  readonly log: Log
  readonly monotonic: () => number
}

/** In milliseconds. An answer older than `fresh` is refreshed in the background; one older than `usable` is awaited. */
const fresh = 2000
const usable = 60_000
/** A reservation is in the totals once its event was counted. */
const untilCounted = 10_000

const retryAfterSeconds = 3600

interface Answer {
  readonly room: number
  readonly readAt: number
}

/** There is no room while somebody waits uninvited. */
const readAnswer = async (ports: AdmissionPorts): Promise<Answer> => {
  const readAt = ports.monotonic()
  const [{ room }, waiting] = await Promise.all([trialRoom(ports), ports.waitingList.count('waiting', 1)])
  return { room: waiting > 0 ? 0 : room, readAt }
}

/**
 * Caches the room for trials, and subtracts its own reservations. One process never exceeds the room; several may by a
 * few seconds' worth.
 */
export const createAdmission = (ports: AdmissionPorts): Admission => {
  const { waitingList, trialControls, clocks, log, monotonic } = ports
  let answer: Answer | undefined
  let refreshing: Promise<Answer> | undefined
  let given: readonly { readonly at: number }[] = []

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
  const roomOf = ({ room, readAt }: Answer): number => {
    given = given.filter(({ at }) => at > readAt - untilCounted)
    return room - given.length
  }
  const present = async (): Promise<Answer> => {
    if (answer === undefined || monotonic() - answer.readAt > usable) return refresh()
    if (monotonic() - answer.readAt <= fresh) return answer
    const renewed = refresh()
    // A refused request can wait for a fresh answer.
    if (roomOf(answer) <= 0) return renewed
    renewed.catch((error: unknown) => log.warn({ err: error }, 'the room for trials could not be read'))
    return answer
  }

  return {
    take: async () => {
      if (roomOf(await present()) <= 0) return undefined
      const place = { at: monotonic() }
      given = [...given, place]
      return {
        release: () => {
          given = given.filter((other) => other !== place)
        },
      }
    },
    requireInvitation: async (accountId) => {
      const now = clocks.wall()
      const entry = await waitingList.join(accountId, now)
      const isInvited = entry.status === 'invited' && entry.until > now
      if (isInvited && (await trialControls.read())?.isPaused !== true) return
      throw new SitewrightError(
        'WaitingList',
        'There is no room for another trial at the moment. You are on the waiting list. We will send you a mail when it is your turn.',
        { retryAfterSeconds },
      )
    },
    forget: () => {
      answer = undefined
    },
  }
}
