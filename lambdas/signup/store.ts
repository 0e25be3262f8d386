import { PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { createIdempotencyStore, idempotencyWrite } from '../../adapters/dynamodb/idempotency.ts'
import {
  contentAttribute,
  contentItem,
  type Database,
  firstItems,
  getItem,
  inTable,
  putItem,
  readContent,
  readStored,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import {
  type Key,
  lastMailKey,
  sessionKey,
  sessionOfPersonKey,
  signupKey,
  signupOfAddressKey,
} from '../../adapters/dynamodb/keys.ts'
import { countTry, useWrite } from '../../adapters/dynamodb/limited-use.ts'
import { type EventWriting, outlastConflicts, put, putIf, transact } from '../../adapters/dynamodb/transaction.ts'
import { idSchema, type SignupId } from '../../core/ids.ts'
import { type Instant, toEpochSeconds } from '../../core/instant.ts'
import { idleEnd, ownerSessionLife } from '../accounts/session/session-life.ts'
import { openingWrites } from '../accounts/store.ts'
import { auditWrite } from '../operators/audit/store.ts'
import { countingWrites } from '../rate-limits/store.ts'
import { type QueuedMail, type Signup, type SignupMails, type SignupStore, signupSchema } from './signup.ts'

export const createSignupStore = (writing: EventWriting): SignupStore => {
  const { client, tables } = writing
  const { find: findKey } = createIdempotencyStore(writing)

  const get = async (id: SignupId) => readContent(signupSchema, await getItem(client, tables.short, signupKey(id)))

  return {
    get,
    create: async (signup, idempotency, { keptUntil = signup.expiresAt, windows = [], notedUntil } = {}) => {
      const expiresAt = toEpochSeconds(keptUntil)
      const ofAddress = { ...signupOfAddressKey(signup.emailHash, signup.id), kind: 'signup-of-address', expiresAt }
      const refusals = await transact<'id' | 'key' | 'window'>(client, [
        put('id', tables.short, contentItem(signupKey(signup.id), 'signup', signup, { expiresAt })),
        put('id', tables.short, ofAddress),
        ...(idempotency === undefined ? [] : [idempotencyWrite(idempotency, 'key', tables.short, signup.createdAt)]),
        ...countingWrites('window', tables.short, windows),
        ...(notedUntil === undefined ? [] : [put<'id'>('id', tables.short, lastMailItem(signup, notedUntil))]),
      ])
      if (idempotency === undefined || !refusals.includes('key')) return refusals.length === 0 ? 'created' : 'limited'
      // Our own record in its place means that an earlier try went through and lost its reply.
      const held = await findKey(idempotency.key)
      return held?.created === idempotency.created ? 'created' : 'taken'
    },
    countTry: async (id, limit, now) => {
      const counted = await countTry(writing, { schema: signupSchema, key: signupKey(id), limit, now })
      return counted.outcome === 'counted' ? { outcome: 'counted', signup: counted.item } : counted
    },
    complete: async ({ signup, session, opening, entry }) => {
      const expiresAt = toEpochSeconds(idleEnd(session, ownerSessionLife))
      const refusals = await transact<'used' | 'known'>(client, [
        useWrite(tables.short, signupKey(signup.sharesCodeOf ?? signup.id), session.createdAt),
        put('used', tables.short, contentItem(sessionKey(session.tokenHash), 'session', session, { expiresAt })),
        auditWrite('used', tables, entry),
        put('used', tables.short, {
          ...sessionOfPersonKey(session.personId, session.tokenHash),
          kind: 'session-of-person',
          expiresAt: toEpochSeconds(session.expiresAt),
        }),
        ...(opening === undefined ? [] : openingWrites(opening, 'known', writing)),
      ])
      if (refusals.length === 0) return 'done'
      if (!refusals.includes('used')) return 'known'
      // The same session in the store means that an earlier attempt succeeded and lost its reply.
      const written = await getItem(client, tables.short, sessionKey(session.tokenHash))
      return written === undefined ? 'used' : 'done'
    },
  }
}

const queuedMailKey = ({ id, createdAt }: { readonly id: string; readonly createdAt: string }): Key => ({
  pk: 'SIGNUP#QUEUE',
  sk: `${createdAt}#${id}`,
})

const instant = z.iso.datetime({ precision: 3 })
const lastSchema = z.strictObject({ id: idSchema('sgn'), until: instant })
const queuedSchema = z.strictObject({ id: idSchema('sgn'), createdAt: instant })

const lastMailItem = ({ id, emailHash }: Pick<Signup, 'id' | 'emailHash'>, until: Instant) =>
  contentItem(lastMailKey(emailHash), 'last-mail', { id, until }, { expiresAt: toEpochSeconds(until) })

const names = { '#content': contentAttribute }

/** In the short table, beside the sign-ups. */
export const createSignupMails = ({ client, tables: { short } }: Database): SignupMails => ({
  note: async (signup, until) => {
    await outlastConflicts(() => client.send(new PutCommand({ TableName: short, Item: lastMailItem(signup, until) })))
  },
  replace: (earlier, signup, { now, until }) =>
    putIf(
      client,
      short,
      lastMailItem(signup, until),
      earlier === undefined
        ? {
            ConditionExpression: 'attribute_not_exists(pk) OR #content.#until <= :now',
            ExpressionAttributeNames: { ...names, '#until': 'until' },
            ExpressionAttributeValues: { ':now': now },
          }
        : {
            ConditionExpression: '#content.id = :earlier',
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: { ':earlier': earlier },
          },
    ),
  last: async (emailHash, now) => {
    const last = readContent(lastSchema, await getItem(client, short, lastMailKey(emailHash)))
    return last !== undefined && last.until > now ? last.id : undefined
  },
  queue: ({ id, createdAt, expiresAt }) => {
    const beside = { expiresAt: toEpochSeconds(expiresAt) }
    const key = queuedMailKey({ id, createdAt })
    return putItem(client, short, contentItem(key, 'queued-mail', { id, createdAt }, beside))
  },
  queued: async (limit): Promise<readonly QueuedMail[]> => {
    const { pk } = queuedMailKey({ id: '', createdAt: '' })
    const items = await firstItems(client, inTable(short, pk), limit)
    return items.map((item) => readStored(queuedSchema, item[contentAttribute], item))
  },
  unqueue: (entry) => removeItem(client, short, queuedMailKey(entry)),
})
