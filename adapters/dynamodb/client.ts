import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

export interface EngineAddress {
  readonly endpoint: string
  readonly region: string
  /** Absent where the SDK is to find its own. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/**
 * A client that gives up on a silent engine in seconds and tries again on a passing fault, so that an engine that is
 * started again is noticed as a short delay.
 */
export const dynamodbClient = (address: EngineAddress): DynamoDBClient =>
  new DynamoDBClient({
    ...address,
    maxAttempts: 6,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: 5000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
    },
  })

export const documentClient = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
