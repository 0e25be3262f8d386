import timers from 'node:timers/promises'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { engineConnection } from '../../adapters/dynamodb/client.ts'

/**
 * Asks for the tables until an answer comes.
 * @param options.signal gives up early.
 * @throws what the last request failed with, after `patienceMilliseconds`.
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

export interface Watchfulness {
  /** How long an engine that was just started may take until its first answer. */
  readonly startMilliseconds: number
  readonly pauseMilliseconds: number
  /** So many questions in a row without an answer, each of which waits five seconds, and it counts as hung. */
  readonly silencesInRow: number
}

/** A machine under load may well be slow for ten seconds. */
const defaultWatchfulness: Watchfulness = { startMilliseconds: 60_000, pauseMilliseconds: 1000, silencesInRow: 3 }

/**
 * Asks an engine again and again whether it is there: one that hangs keeps its port and its process, so nothing else tells.
 * @returns why it counts as hung; undefined once the signal says that nobody wants to know any more.
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
