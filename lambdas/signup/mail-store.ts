import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import {
  contentAttribute,
  type Database,
  firstItems,
  getItem,
  inTable,
  readContent,
  readStored,
} from '../../adapters/dynamodb/item.ts'
import { type Key, lastMailKey } from '../../adapters/dynamodb/keys.ts'
import { outlastConflicts, writesIf } from '../../adapters/dynamodb/transaction.ts'
import { idSchema } from '../../core/ids.ts'
import { type Instant, toEpochSeconds } from '../../core/instant.ts'
import type { QueuedMail, SignupMails } from './ports.ts'
import type { Signup } from './signup.ts'

const queuedMailKey = ({ id, createdAt }: { readonly id: string; readonly createdAt: string }): Key => ({
  pk: 'SIGNUP#QUEUE',
  sk: `${createdAt}#${id}`,
})

const instant = z.iso.datetime({ precision: 3 })
const lastSchema = z.strictObject({ id: idSchema('sgn'), until: instant })
const queuedSchema = z.strictObject({ id: idSchema('sgn'), createdAt: instant })

export const lastMailItem = ({ id, emailHash }: Pick<Signup, 'id' | 'emailHash'>, until: Instant) => ({
  ...lastMailKey(emailHash),
  kind: 'last-mail',
  [contentAttribute]: { id, until },
  expiresAt: toEpochSeconds(until),
})

const names = { '#content': contentAttribute }

/** In the short table, beside the sign-ups. */
export const createSignupMails = ({ client, tables: { short } }: Database): SignupMails => ({
  note: async (signup, until) => {
    await outlastConflicts(() => client.send(new PutCommand({ TableName: short, Item: lastMailItem(signup, until) })))
  },
  replace: (earlier, signup, { now, until }) =>
    writesIf(() =>
      client.send(
        new PutCommand({
          TableName: short,
          Item: lastMailItem(signup, until),
          ...(earlier === undefined
            ? {
                ConditionExpression: 'attribute_not_exists(pk) OR #content.#until <= :now',
                ExpressionAttributeNames: { ...names, '#until': 'until' },
                ExpressionAttributeValues: { ':now': now },
              }
            : {
                ConditionExpression: '#content.id = :earlier',
                ExpressionAttributeNames: names,
                ExpressionAttributeValues: { ':earlier': earlier },
              }),
        }),
      ),
    ),
  last: async (emailHash, now) => {
    const last = readContent(lastSchema, await getItem(client, short, lastMailKey(emailHash)))
    return last !== undefined && last.until > now ? last.id : undefined
  },
  queue: async ({ id, createdAt, expiresAt }) => {
    const Item = { ...queuedMailKey({ id, createdAt }), kind: 'queued-mail', [contentAttribute]: { id, createdAt } }
    await client.send(new PutCommand({ TableName: short, Item: { ...Item, expiresAt: toEpochSeconds(expiresAt) } }))
  },
  queued: async (limit): Promise<readonly QueuedMail[]> => {
    const { pk } = queuedMailKey({ id: '', createdAt: '' })
    const items = await firstItems(client, inTable(short, pk), limit)
    return items.map((item) => readStored(queuedSchema, item[contentAttribute], item))
  },
  unqueue: async (entry) => {
    await client.send(new DeleteCommand({ TableName: short, Key: queuedMailKey(entry) }))
  },
})
