import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { contentAttribute, type Database, inTable, readAll } from '../../../adapters/dynamodb/item.ts'
import type { Key } from '../../../adapters/dynamodb/keys.ts'
import { type Condition, isNew, writesIf } from '../../../adapters/dynamodb/transaction.ts'
import { type Quarantine, type Quarantined, quarantinedSchema } from './quarantine.ts'

/** Leftovers that are watched before they are removed. */
const quarantinePartition = 'QUARANTINE'
export const quarantineKey = ({ kind, id }: { readonly kind: string; readonly id: string }): Key => ({
  pk: quarantinePartition,
  sk: `${kind}#${id}`,
})

const isStill = ({ seenAt, foundAt }: Quarantined): Condition => ({
  ConditionExpression: '#content.seenAt = :seenAt AND #content.foundAt = :foundAt',
  ExpressionAttributeNames: { '#content': contentAttribute },
  ExpressionAttributeValues: { ':seenAt': seenAt, ':foundAt': foundAt },
})

/** All of it below one key: there is little of it, and it is always read as a whole. */
export const createQuarantine = ({ client, tables: { main } }: Database): Quarantine => ({
  list: async function* () {
    yield* readAll(client, quarantinedSchema, inTable(main, quarantinePartition))
  },
  note: (after, before) => {
    const Item = { ...quarantineKey(after), kind: 'quarantined', schemaVersion: 1, [contentAttribute]: after }
    const condition = before === undefined ? isNew : isStill(before)
    return writesIf(() => client.send(new PutCommand({ TableName: main, Item, ...condition })))
  },
  release: async (thing) => {
    await client.send(new DeleteCommand({ TableName: main, Key: quarantineKey(thing) }))
  },
})
