import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Statement } from './statements.ts'

/** One request to IAM about a table. */
export interface ItemAccess {
  readonly action: string
  /** The end of the ARN. */
  readonly resource: string
  /** For all items of the table that the call concerns in this way; undefined for an index, which has keys of its own. */
  readonly partitionKeys: readonly string[]
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a command of the document client holds
type Input = any

const single = (action: string, { TableName, Key, Item }: Input): ItemAccess => ({
  action: `dynamodb:${action}`,
  resource: `:table/${TableName}`,
  partitionKeys: [(Key ?? Item).pk],
})

const query = ({ TableName, IndexName, ExpressionAttributeValues }: Input): ItemAccess =>
  IndexName === undefined
    ? { action: 'dynamodb:Query', resource: `:table/${TableName}`, partitionKeys: [ExpressionAttributeValues[':pk']] }
    : { action: 'dynamodb:Query', resource: `:table/${TableName}/index/${IndexName}`, partitionKeys: [] }

/** A transaction may be judged by all the keys that it uses one table in one way for. */
const transaction = ({ TransactItems }: Input): readonly ItemAccess[] => {
  const parts: readonly ItemAccess[] = TransactItems.flatMap((item: Input) =>
    Object.entries(item).map(([kind, input]) => single(`${kind}Item`, input)),
  )
  const together = Map.groupBy(parts, ({ action, resource }) => `${action} ${resource}`)
  return [...together.values()].map((group) => ({
    ...group[0]!,
    partitionKeys: group.flatMap(({ partitionKeys }) => partitionKeys),
  }))
}

const accessesOf = (name: string, input: Input): readonly ItemAccess[] => {
  if (name === 'TransactWriteCommand') return transaction(input)
  if (name === 'QueryCommand') return [query(input)]
  return [single(`${name.replace(/Command$/, '')}Item`, input)]
}

/** A client that writes down what it is asked, and gives every question the same answer. */
export const recordingItems = (answer: object = {}) => {
  const accesses: ItemAccess[] = []
  const client = {
    send: async (command: { readonly input: unknown }) => {
      accesses.push(...accessesOf(command.constructor.name, command.input))
      return answer
    },
  } as unknown as DynamoDBDocumentClient
  return { client, accesses }
}

const leadingKeys = 'dynamodb:LeadingKeys'

const meets = ({ conditions }: Statement, keys: readonly string[]): boolean => {
  const patterns = conditions['ForAllValues:StringLike']?.[leadingKeys]
  if (patterns === undefined) return true
  const prefixes = [patterns].flat().map((pattern) => pattern.replace(/\*$/, ''))
  return keys.every((key) => prefixes.some((prefix) => key.startsWith(prefix)))
}

/** Whether one of these statements allows it, as IAM would see it. */
export const allowsItems = (statements: readonly Statement[], access: ItemAccess): boolean =>
  statements.some(
    (statement) =>
      statement.effect === 'Allow' &&
      statement.actions.includes(access.action) &&
      statement.resources.some((arn) => arn.endsWith(access.resource)) &&
      meets(statement, access.partitionKeys),
  )
