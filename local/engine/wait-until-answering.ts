import timers from 'node:timers/promises'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'

/**
 * Asks for the tables until an answer comes.
 * @param options.signal gives up early.
 * @throws what the last request failed with, after `patienceMilliseconds`.
 */
export const waitUntilAnswering = async (
  address: EngineAddress,
  { patienceMilliseconds, signal }: { readonly patienceMilliseconds: number; readonly signal?: AbortSignal },
): Promise<void> => {
  const client = new DynamoDBClient({
    ...address,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
  })
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
