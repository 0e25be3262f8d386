import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  ResourceNotFoundException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { MemoryTables, Refusal } from './memory-table.ts'
import { operations } from './operations.ts'

const $metadata = {}

const exceptionOf = ({ type, message, details }: Refusal): Error => {
  if (type === 'ConditionalCheckFailedException') return new ConditionalCheckFailedException({ message, $metadata })
  if (type === 'ResourceNotFoundException') return new ResourceNotFoundException({ message, $metadata })
  if (type === 'TransactionCanceledException') {
    return new TransactionCanceledException({ message, $metadata, ...details })
  }
  return Object.assign(new Error(message), { name: type })
}

type Content = Record<string, unknown>
type Command = { readonly input: Content; readonly constructor: { readonly name: string } }

/** `GetCommand` of the document client is `GetItem` on the wire. */
const wireNames: Readonly<Record<string, keyof typeof operations>> = {
  Get: 'GetItem',
  BatchGet: 'BatchGetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  TransactWrite: 'TransactWriteItems',
}

const operationOf = ({ constructor: { name } }: Command): keyof typeof operations => {
  const short = name.replace(/Command$/, '')
  const operation = wireNames[short] ?? short
  if (operation in operations) return operation as keyof typeof operations
  throw new Error(`the memory table does not know ${name}`)
}

const packed = (value: unknown): Content => marshall(value as Content, { removeUndefinedValues: true }) as Content

const places = ['Key', 'Item', 'ExclusiveStartKey', 'ExpressionAttributeValues'] as const

/** As the document client packs it. */
const toWire = (input: Content): Content => {
  const wire: Content = { ...input }
  for (const place of places) if (input[place] !== undefined) wire[place] = packed(input[place])
  if (Array.isArray(input['TransactItems'])) {
    wire['TransactItems'] = input['TransactItems'].map((entry: Record<string, Content>) =>
      Object.fromEntries(Object.entries(entry).map(([kind, write]) => [kind, toWire(write)])),
    )
  }
  if (input['RequestItems'] !== undefined) {
    wire['RequestItems'] = Object.fromEntries(
      Object.entries(input['RequestItems'] as Record<string, { Keys: unknown[] }>).map(([table, { Keys }]) => [
        table,
        { Keys: Keys.map(packed) },
      ]),
    )
  }
  return wire
}

const unpacked = (item: unknown): Content => unmarshall(item as never)

const fromWire = (output: Content): Content => {
  const found: Content = { ...output }
  for (const place of ['Item', 'Attributes', 'LastEvaluatedKey']) {
    if (output[place] !== undefined) found[place] = unpacked(output[place])
  }
  if (Array.isArray(output['Items'])) found['Items'] = output['Items'].map(unpacked)
  if (output['Responses'] !== undefined) {
    found['Responses'] = Object.fromEntries(
      Object.entries(output['Responses'] as Record<string, unknown[]>).map(([table, items]) => [
        table,
        items.map(unpacked),
      ]),
    )
  }
  return found
}

/**
 * Clients with the wire, and the SDK before it, left out: many times faster, for simulations of whole years. What talks to
 * them is the store's own code, and the tables are those that pass the store's contract.
 */
export const quickClients = (
  tables = new MemoryTables(),
): { readonly engine: DynamoDBClient; readonly client: DynamoDBDocumentClient } => {
  const ask = (operation: keyof typeof operations, input: Content): Content => {
    try {
      return { ...tables[operations[operation]](input), $metadata }
    } catch (error) {
      throw error instanceof Refusal ? exceptionOf(error) : error
    }
  }
  const engine = {
    send: async (command: Command) => ask(operationOf(command), command.input),
    destroy: () => undefined,
  }
  const client = { send: async (command: Command) => fromWire(ask(operationOf(command), toWire(command.input))) }
  // Paginators look which class it is of.
  Object.setPrototypeOf(client, DynamoDBDocumentClient.prototype)
  return { engine: engine as never, client: client as never }
}
