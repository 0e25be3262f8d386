import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import type { AccountOpening } from '../../core/account/account.ts'
import { accountSchema, personSchema } from '../../core/account/account.ts'
import type { AccountId, PersonId } from '../../core/ids.ts'
import { idSchema } from '../../core/ids.ts'
import type { AccountChanges, AccountStore } from '../../core/ports/stores.ts'
import { contentAttribute, readContent } from './item.ts'
import type { Key } from './keys.ts'
import { accountKey, emailKey, eventKey, memberKey, personKey } from './keys.ts'
import type { Tables } from './tables.ts'
import type { EventWriting, GuardedWrite } from './transaction.ts'
import { eventWrite, transact } from './transaction.ts'

const identitySchema = z
  .object({ schemaVersion: z.literal(1), personId: idSchema('prsn'), accountId: idSchema('acct') })
  .transform(({ personId, accountId }) => ({ personId, accountId }))

export const createAccountStore = ({
  client,
  tables,
}: {
  client: DynamoDBDocumentClient
  tables: Tables
}): AccountStore => {
  const getItem = async (key: Key) =>
    (await client.send(new GetCommand({ TableName: tables.main, Key: key, ConsistentRead: true }))).Item
  const getPerson = async (id: PersonId) => readContent(personSchema, await getItem(personKey(id)))

  const getAccount = async (id: AccountId) => readContent(accountSchema, await getItem(accountKey(id)))

  return {
    get: getAccount,
    findByEmailHash: async (hash) => readContent(identitySchema, await getItem(emailKey(hash))),
    getPerson,
    getOwner: async (id) => {
      const account = await getAccount(id)
      return account === undefined ? undefined : getPerson(account.ownerId)
    },
  }
}

/** Person, account, membership, and the address that leads to them: refused where the address has an account. */
export const openingWrites = <Refusal extends string>(
  { person, account, event }: AccountOpening,
  known: Refusal,
  writing: EventWriting,
): readonly GuardedWrite<Refusal>[] => {
  const put = (key: Key, kind: string, content: object): GuardedWrite<Refusal> => ({
    refusal: known,
    write: {
      Put: {
        TableName: writing.tables.main,
        Item: { ...key, kind, [contentAttribute]: content },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
  })
  const schemaVersion = 1
  return [
    put(emailKey(person.emailHash), 'email', { schemaVersion, personId: person.id, accountId: account.id }),
    put(personKey(person.id), 'person', person),
    put(accountKey(account.id), 'account', account),
    put(memberKey(account.id, person.id), 'membership', { schemaVersion, role: 'owner', since: account.createdAt }),
    eventWrite(event, known, writing),
  ]
}

/** What happens to accounts after their opening. */
export const createAccountChanges = (
  writing: EventWriting & { readonly client: DynamoDBDocumentClient },
): AccountChanges => {
  const { client, tables } = writing
  return {
    commit: async ({ before, after, event }) => {
      const refusals = await transact(client, [
        {
          refusal: 'version' as const,
          write: {
            Put: {
              TableName: tables.main,
              Item: { ...accountKey(after.id), kind: 'account', [contentAttribute]: after },
              ConditionExpression: '#content.#version = :version',
              ExpressionAttributeNames: { '#content': contentAttribute, '#version': 'version' },
              ExpressionAttributeValues: { ':version': before.version },
            },
          },
        },
        eventWrite(event, 'version' as const, writing),
      ])
      if (refusals.length === 0) return true
      const key = eventKey(event.aggregate, event.version)
      const found = await client.send(new GetCommand({ TableName: tables.main, Key: key, ConsistentRead: true }))
      // Our own event in its place means that an earlier try of this very change went through and lost its reply.
      return found.Item?.[contentAttribute]?.id === event.id
    },
  }
}
