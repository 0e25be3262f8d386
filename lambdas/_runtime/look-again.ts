import type { ErrorKind } from '../../core/errors.ts'
import { isErrorOfKind } from '../../core/errors.ts'

export interface LookAgainPorts {
  readonly pause: (milliseconds: number) => Promise<void>
  /** How long to wait between two looks, in milliseconds: short on one machine, where things are done in a moment. */
  readonly lookEveryMilliseconds: number
  /** Milliseconds that pass evenly, whatever the clocks are set to. */
  readonly monotonic: () => number
}

/**
 * One call looks again and again for so long; then the state machine's Retry, whose shortest pause is a second, goes on. A
 * look takes as long as what it asks lets it wait, so this is measured, and leaves the task's time limit far away.
 */
const patienceMilliseconds = 5000

/**
 * Looks until it is done.
 * @throws whatever the look throws, the `waiting` kind once this call's patience is over.
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
