import { type ErrorKind, isErrorOfKind } from '../../core/errors.ts'

export interface LookAgainPorts {
  readonly pause: (milliseconds: number) => Promise<void>
  /** The pause between two checks, in milliseconds: short on one machine, where work is done in a moment. */
  readonly lookEveryMilliseconds: number
  /** Monotonic milliseconds, whatever the clocks are set to. */
  readonly monotonic: () => number
}

/**
 * One call repeats its check for this long. Then the state machine's Retry repeats the call, with pauses of at least a second. A
 * check may take long itself, so the time is measured; it stays well below the task's timeout.
 */
const patienceMilliseconds = 5000

/**
 * Repeats a check until it succeeds.
 * @throws any error of the check; the `waiting` kind only after this call's time.
 */
export const lookAgain = async <Result>(
  { pause, lookEveryMilliseconds, monotonic }: LookAgainPorts,
  waiting: ErrorKind,
  look: () => Promise<Result>,
): Promise<Result> => {
  const lastLookAt = monotonic() + patienceMilliseconds - lookEveryMilliseconds
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (!isErrorOfKind(error, waiting) || monotonic() >= lastLookAt) throw error
    }
    await pause(lookEveryMilliseconds)
  }
}
