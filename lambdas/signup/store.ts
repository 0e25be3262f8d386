import { createIdempotencyStore, idempotencyWrite } from '../../adapters/dynamodb/idempotency.ts'
import {
  contentAttribute,
  type Database,
  getItem,
  inTable,
  queryAll,
  readContent,
} from '../../adapters/dynamodb/item.ts'
import { sessionKey, sessionOfPersonKey, signupKey, signupOfAddressKey } from '../../adapters/dynamodb/keys.ts'
import { countTry, noteSessionUse, useWrite } from '../../adapters/dynamodb/limited-use.ts'
import { type EventWriting, put, transact } from '../../adapters/dynamodb/transaction.ts'
import type { SignupId } from '../../core/ids.ts'
import { type Instant, toEpochSeconds } from '../../core/instant.ts'
import type { SessionStore } from '../accounts/ports.ts'
import { idleEnd, ownerSessionLife } from '../accounts/session/session-life.ts'
import { openingWrites } from '../accounts/store.ts'
import { auditWrite } from '../operators/audit/store.ts'
import { countingWrites } from '../rate-limits/store.ts'
import { lastMailItem } from './mail-store.ts'
import type { SignupStore } from './ports.ts'
import { type Session, sessionSchema, signupSchema } from './signup.ts'

/** The table deletes what has ended within days, not at once. */
const isOpen = (session: Session, now: Instant): boolean => idleEnd(session, ownerSessionLife) > now

export const createSignupStore = (writing: EventWriting): SignupStore => {
  const { client, tables } = writing
  const { find: findKey } = createIdempotencyStore(writing)

  const get = async (id: SignupId) => readContent(signupSchema, await getItem(client, tables.short, signupKey(id)))

  return {
    get,
    create: async (signup, idempotency, { keptUntil = signup.expiresAt, windows = [], notedUntil } = {}) => {
      const Item = {
        ...signupKey(signup.id),
        kind: 'signup',
        [contentAttribute]: signup,
        expiresAt: toEpochSeconds(keptUntil),
      }
      const refusals = await transact<'id' | 'key' | 'window'>(client, [
        put('id', tables.short, Item),
        put('id', tables.short, {
          ...signupOfAddressKey(signup.emailHash, signup.id),
          kind: 'signup-of-address',
          expiresAt: Item.expiresAt,
        }),
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
      const Item = {
        ...sessionKey(session.tokenHash),
        kind: 'session',
        [contentAttribute]: session,
        expiresAt: toEpochSeconds(idleEnd(session, ownerSessionLife)),
      }
      const refusals = await transact<'used' | 'known'>(client, [
        useWrite(tables.short, signupKey(signup.id), session.createdAt),
        put('used', tables.short, Item),
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

export const createSessionStore = (database: Database): SessionStore => {
  const { client, tables } = database
  return {
    find: async (tokenHash, now) => {
      const session = readContent(sessionSchema, await getItem(client, tables.short, sessionKey(tokenHash)))
      return session !== undefined && isOpen(session, now) ? session : undefined
    },
    noteUse: (session, now) =>
      noteSessionUse(database, sessionKey(session.tokenHash), {
        now,
        expiresAt: toEpochSeconds(idleEnd({ ...session, usedAt: now }, ownerSessionLife)),
      }),
    listOf: async (personId, now) => {
      const sessions: Session[] = []
      for await (const { sk } of queryAll(client, inTable(tables.short, sessionOfPersonKey(personId, '').pk))) {
        const session = readContent(sessionSchema, await getItem(client, tables.short, sessionKey(String(sk))))
        if (session !== undefined && isOpen(session, now)) sessions.push(session)
      }
      return sessions
    },
    end: async (tokenHash, entry) => {
      // Refused only where an earlier attempt wrote it and lost its reply.
      await transact(client, [
        { refusal: 'done', write: { Delete: { TableName: tables.short, Key: sessionKey(tokenHash) } } },
        auditWrite('done', tables, entry),
      ])
    },
  }
}
