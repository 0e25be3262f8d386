import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { patientRetries } from './patient-retries.ts'

/** Where DynamoDB answers, in the words of the AWS SDK's client configuration. */
export interface EngineAddress {
  readonly endpoint: string
  readonly region: string
  /** Absent where the SDK is to find its own. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** A client that takes a silent engine for a fault in seconds, and to which one that is started again is a short delay. */
export const dynamodbClient = (address: EngineAddress): DynamoDBClient =>
  new DynamoDBClient({
    ...address,
    retryStrategy: patientRetries(),
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: 5000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
    },
  })

export const documentClient = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
