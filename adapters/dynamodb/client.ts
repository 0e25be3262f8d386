import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { withoutHalves } from '../../core/text.ts'

/** Where DynamoDB answers, in the words of the AWS SDK's client configuration. */
export interface EngineAddress {
  readonly endpoint: string
  /** The Unix socket that answers instead of the endpoint's host and port. */
  readonly socketPath?: string
  readonly region: string
  /** Absent where the SDK is to find its own. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** A client that takes a silent engine for a fault in seconds, and to which one that is started again is a short delay. */
export const dynamodbClient = (address: EngineAddress): DynamoDBClient =>
  new DynamoDBClient({ ...engineConnection(address), retryStrategy: patientRetries() })

/** The client configuration for an engine: its address, and an error after five seconds of silence. */
export const engineConnection = ({ socketPath, ...address }: EngineAddress): DynamoDBClientConfig => ({
  ...address,
  requestHandler: {
    connectionTimeout: 1000,
    requestTimeout: 5000,
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets: 64, ...(socketPath === undefined ? {} : { socketPath }) },
  },
})

/** In JSON. Most requests have none, and need not be read as text. */
const beginningOfHalf = String.raw`\ud`

/** The client of all stores. It keeps texts that were cut within a character, which DynamoDB refuses with their whole item. */
export const documentClient = (client: DynamoDBClient): DynamoDBDocumentClient => {
  const made = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
  made.middlewareStack.add(
    (next) => (args) => {
      const { request } = args
      if (typeof request === 'object' && request !== null && 'body' in request && request.body instanceof Uint8Array) {
        const json = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength)
        if (json.includes(beginningOfHalf)) request.body = Buffer.from(withoutHalves(json.toString()))
      }
      return next(args)
    },
    // Before its length is counted and it is signed.
    { step: 'build', priority: 'high' },
  )
  return made
}

type RetryStrategy = Extract<
  NonNullable<DynamoDBClientConfig['retryStrategy']>,
  { readonly acquireInitialRetryToken: unknown }
>
type RetryToken = Awaited<ReturnType<RetryStrategy['refreshRetryTokenForRetry']>>

/** An engine that ended is back within this: DynamoDB Local takes seconds to start, and more on a loaded machine. */
const patienceMilliseconds = 20_000

const longestPauseMilliseconds = 400

/** Grows from 25 ms, with jitter. */
const pauseBefore = (retry: number): number =>
  Math.min(longestPauseMilliseconds, 25 * 2 ** (retry - 1)) * (0.5 + Math.random() / 2)

const token = (retry: number): RetryToken => {
  const delay = retry === 0 ? 0 : pauseBefore(retry)
  return { getRetryCount: () => retry, getRetryDelay: () => delay }
}

/**
 * Repeats a call through a passing fault for 20 seconds. The SDK's own strategy waits less than a second, and has one budget of
 * some 35 repeats for all calls: a crowd would use it up while an engine restarts.
 */
export const patientRetries = (now: () => number = () => performance.now()): RetryStrategy => {
  const deadlines = new WeakMap<object, number>()
  const withDeadline = (made: RetryToken, deadline: number): RetryToken => {
    deadlines.set(made, deadline)
    return made
  }
  return {
    acquireInitialRetryToken: async () => withDeadline(token(0), now() + patienceMilliseconds),
    refreshRetryTokenForRetry: async (last, { errorType }) => {
      const deadline = deadlines.get(last) ?? 0
      // The SDK then throws what the call itself failed with.
      if (errorType === 'CLIENT_ERROR' || now() >= deadline) throw new Error('no further try')
      return withDeadline(token(last.getRetryCount() + 1), deadline)
    },
    recordSuccess: () => {},
  }
}
