import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { accountSchema, personSchema } from '../../core/account/account.ts'
import type { AccountId, PersonId } from '../../core/ids.ts'
import { idSchema } from '../../core/ids.ts'
import type { AccountStore } from '../../core/ports/stores.ts'
import { readContent } from './item.ts'
import type { Key } from './keys.ts'
import { accountKey, emailKey, personKey } from './keys.ts'
import type { Tables } from './tables.ts'

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
