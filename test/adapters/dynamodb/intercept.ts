import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'

type Operation = 'TransactWriteItems' | 'UpdateItem' | 'GetItem' | 'Query'

interface CallContext {
  readonly commandName?: string
}

const operationOf = ({ commandName = '' }: CallContext): string => commandName.replace(/Command$/, '')

/** Names every request that goes out, repeats of the SDK included. */
export const recordRoundTrips = (client: DynamoDBClient): string[] => {
  const trips: string[] = []
  client.middlewareStack.add(
    (next, context) => (args) => {
      trips.push(operationOf(context))
      return next(args)
    },
    { step: 'deserialize', priority: 'high' },
  )
  return trips
}

/** The SDK repeats a transaction under its token; an engine that was started again has forgotten it. */
const withOtherToken = (args: object): void => {
  const { request } = args as { request: { body: string } }
  request.body = request.body.replace(/"ClientRequestToken":"[^"]*"/, `"ClientRequestToken":"${randomUUID()}"`)
}

/**
 * Lets the engine do what is asked once, and drops its answer.
 * @param sdk `repeats` by itself on a connection that was reset; `repeats-to-forgetful` finds an engine that does not know
 *   the token any more; with `gives-up` the caller sees the error.
 */
export const loseReply = (
  client: DynamoDBClient,
  operation: Operation,
  sdk: 'repeats' | 'repeats-to-forgetful' | 'gives-up',
): { readonly wasLost: () => boolean } => {
  let lost = false
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (operationOf(context) !== operation) return next(args)
      if (lost) {
        if (sdk === 'repeats-to-forgetful') withOtherToken(args)
        return next(args)
      }
      await next(args)
      lost = true
      throw sdk === 'gives-up'
        ? new Error('the reply was lost')
        : Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    },
    { step: 'deserialize', priority: 'high' },
  )
  return { wasLost: () => lost }
}

/** Answers transactions as DynamoDB does while another one holds their items; this happens in no embedded engine. */
export const conflict = (
  client: DynamoDBClient,
  { times, codes = ['TransactionConflict'] }: { times: number; codes?: readonly string[] },
): { readonly left: () => number } => {
  let left = times
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (operationOf(context) !== 'TransactWriteItems' || left === 0) return next(args)
      left -= 1
      throw new TransactionCanceledException({
        message: 'Transaction cancelled',
        $metadata: {},
        CancellationReasons: codes.map((Code) => ({ Code })),
      })
    },
    { step: 'deserialize', priority: 'high' },
  )
  return { left: () => left }
}
