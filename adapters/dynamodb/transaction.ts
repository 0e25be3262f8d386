import { setTimeout as pause } from 'node:timers/promises'
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient, TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb'
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb'

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number]

/** A write, and what it means when its condition does not hold. */
export interface GuardedWrite<Refusal extends string> {
  readonly write: Write
  readonly refusal: Refusal
}

const attempts = 8

/**
 * Writes all or nothing. Another transaction on the same items at the same moment is waited out, with jitter.
 * @returns the refusals of the writes whose conditions did not hold; none when all was written.
 */
export const transact = async <Refusal extends string>(
  client: DynamoDBDocumentClient,
  writes: readonly GuardedWrite<Refusal>[],
): Promise<readonly Refusal[]> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new TransactWriteCommand({ TransactItems: writes.map(({ write }) => write) }))
      return []
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None')
      const refusals = writes.flatMap(({ refusal }, index) =>
        codes[index] === 'ConditionalCheckFailed' ? [refusal] : [],
      )
      if (refusals.length > 0) return refusals
      if (!codes.includes('TransactionConflict') || attempt === attempts) throw error
      await pause(Math.random() * 20 * 2 ** attempt)
    }
  }
}
