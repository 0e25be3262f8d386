import timers from 'node:timers/promises'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { type EngineAddress, engineConnection } from '../../adapters/dynamodb/client.ts'

/**
 * Lists the tables until the engine answers.
 * @param options.signal aborts early.
 * @throws the error of the last request, after `patienceMilliseconds`.
 */
export const waitUntilAnswering = async (
  address: EngineAddress,
  { patienceMilliseconds, signal }: { readonly patienceMilliseconds: number; readonly signal?: AbortSignal },
): Promise<void> => {
  const client = new DynamoDBClient({ ...engineConnection(address), maxAttempts: 1 })
  const deadline = performance.now() + patienceMilliseconds
  try {
    while (true) {
      try {
        await client.send(new ListTablesCommand({ Limit: 1 }))
        return
      } catch (error) {
        if (signal?.aborted || performance.now() > deadline) throw error
      }
      await timers.setTimeout(10)
    }
  } finally {
    client.destroy()
  }
}

interface Watchfulness {
  /** How long a newly started engine may take until its first answer. */
  readonly startMilliseconds: number
  readonly pauseMilliseconds: number
  /** After this many requests in a row without an answer, each with a timeout of five seconds, the engine counts as hung. */
  readonly silencesInRow: number
}

/** A machine under load may be slow for ten seconds. */
const defaultWatchfulness: Watchfulness = { startMilliseconds: 60_000, pauseMilliseconds: 1000, silencesInRow: 3 }

/**
 * Sends health checks to an engine: one that hangs keeps its port and its process.
 * @returns why it counts as hung; undefined once the signal aborts.
 */
export const untilHung = async (
  address: EngineAddress,
  signal: AbortSignal,
  { startMilliseconds, pauseMilliseconds, silencesInRow }: Watchfulness = defaultWatchfulness,
): Promise<string | undefined> => {
  const answers = (patienceMilliseconds: number): Promise<boolean> =>
    waitUntilAnswering(address, { patienceMilliseconds, signal }).then(
      () => true,
      () => false,
    )
  let silences = (await answers(startMilliseconds)) ? 0 : silencesInRow
  while (!signal.aborted) {
    if (silences >= silencesInRow) return 'it did not answer for too long'
    await timers.setTimeout(pauseMilliseconds, undefined, { signal }).catch(() => undefined)
    silences = (await answers(0)) ? 0 : silences + 1
  }
  return undefined
}
