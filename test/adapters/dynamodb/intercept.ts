import { randomUUID } from 'node:crypto'
import {
  type DescribeTableCommandOutput,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb'

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
  const { request } = args as { request: { body: Uint8Array } }
  const body = new TextDecoder().decode(request.body)
  const other = body.replace(/"ClientRequestToken":"[^"]*"/, `"ClientRequestToken":"${randomUUID()}"`)
  if (other === body) throw new Error('the transaction went out without a token')
  request.body = new TextEncoder().encode(other)
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

/** Lets somebody else do this just before the next operation of that name. */
export const doBefore = (client: DynamoDBClient, operation: Operation, work: () => Promise<unknown>): void => {
  let isDone = false
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (operationOf(context) === operation && !isDone) {
        isDone = true
        await work()
      }
      return next(args)
    },
    { step: 'deserialize', priority: 'high' },
  )
}

/** Answers single updates as DynamoDB does while a transaction holds their item. */
export const conflictOfUpdates = (client: DynamoDBClient, times: number): { readonly left: () => number } => {
  let left = times
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (operationOf(context) !== 'UpdateItem' || left === 0) return next(args)
      left -= 1
      throw new TransactionConflictException({ message: 'Transaction is ongoing for the item', $metadata: {} })
    },
    { step: 'deserialize', priority: 'high' },
  )
  return { left: () => left }
}

/** Lets tables take their time: they are still being made at the first check after they were created. */
export const slowTables = (client: DynamoDBClient): { readonly checks: () => number } => {
  let checks = 0
  let created = false
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      if (operationOf(context) === 'CreateTable') created = true
      if (operationOf(context) !== 'DescribeTable' || !created) return result
      checks += 1
      const { Table } = result.output as DescribeTableCommandOutput
      if (checks === 1 && Table !== undefined) Table.TableStatus = 'CREATING'
      return result
    },
    { step: 'deserialize', priority: 'high' },
  )
  return { checks: () => checks }
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
