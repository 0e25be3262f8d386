import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { patientRetries } from '../../../adapters/dynamodb/client.ts'
import { MemoryTables, Refusal } from './memory-table.ts'
import { operations } from './operations.ts'

type Request = { readonly headers: Record<string, string>; readonly body?: unknown }

const isOperation = (name: string): name is keyof typeof operations => name in operations

const headers = { 'content-type': 'application/x-amz-json-1.0' }

const respond = (statusCode: number, body: object) => ({
  response: { statusCode, headers, body: new TextEncoder().encode(JSON.stringify(body)) },
})

const bodyOf = (body: unknown): string => (body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body))

/**
 * The SDK's own client on tables in this process: what is stored and how it is asked goes through the same code that talks
 * to DynamoDB, and only the wire is left out.
 */
export const memoryClient = (tables = new MemoryTables()): DynamoDBClient =>
  new DynamoDBClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'memory', secretAccessKey: 'memory' },
    endpoint: 'http://memory.invalid',
    retryStrategy: patientRetries(),
    signer: { sign: async (request) => request },
    requestHandler: {
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async (request: Request) => {
        const target =
          Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'x-amz-target')?.[1] ?? ''
        const operation = target.split('.')[1] ?? ''
        if (!isOperation(operation)) throw new Error(`the memory table does not know ${operation}`)
        try {
          return respond(200, tables[operations[operation]](JSON.parse(bodyOf(request.body))))
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          const type = `com.amazonaws.dynamodb.v20120810#${error.type}`
          return respond(400, { __type: type, message: error.message, ...error.details })
        }
      },
      destroy: () => undefined,
    } as never,
  })
