import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import type { QueuedMail, SignupMails } from '../../core/ports/stores.ts'
import type { Database } from './item.ts'
import { contentAttribute, firstItems, getItem, inTable, readContent, readStored } from './item.ts'
import { lastMailKey, queuedMailKey } from './keys.ts'

const instant = z.iso.datetime({ precision: 3 })
const lastSchema = z.strictObject({ id: idSchema('sgn'), until: instant })
const queuedSchema = z.strictObject({ id: idSchema('sgn'), createdAt: instant })

/** In the short table, beside the sign-ups. */
export const createSignupMails = ({ client, tables: { short } }: Database): SignupMails => ({
  note: async ({ id, emailHash }, until) => {
    const Item = { ...lastMailKey(emailHash), kind: 'last-mail', [contentAttribute]: { id, until } }
    await client.send(new PutCommand({ TableName: short, Item: { ...Item, expiresAt: toEpochSeconds(until) } }))
  },
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
