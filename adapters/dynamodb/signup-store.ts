import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { SignupId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import { toEpochSeconds } from '../../core/instant.ts'
import type { SessionStore, SignupStore, TryResult } from '../../core/ports/stores.ts'
import { idleEnd, ownerSessionLife } from '../../core/session/session-life.ts'
import type { Session } from '../../core/signup/signup.ts'
import { sessionSchema, signupSchema } from '../../core/signup/signup.ts'
import { openingWrites } from './account-store.ts'
import { auditWrite } from './audit-log.ts'
import { createIdempotencyStore, idempotencyWrite } from './idempotency.ts'
import type { Database } from './item.ts'
import { contentAttribute, getItem, inTable, queryAll, readContent } from './item.ts'
import { sessionKey, sessionOfPersonKey, signupKey, signupOfAddressKey } from './keys.ts'
import { countingWrites } from './rate-windows.ts'
import { lastMailItem } from './signup-mails.ts'
import type { EventWriting, GuardedWrite } from './transaction.ts'
import { outlastConflicts, put, transact, writesIf } from './transaction.ts'

/** The table deletes what has ended within days, not at once. */
const isOpen = (session: Session, now: Instant): boolean => idleEnd(session, ownerSessionLife) > now

const names = { '#content': contentAttribute }

export const createSignupStore = (writing: EventWriting): SignupStore => {
  const { client, tables } = writing
  const { find: findKey } = createIdempotencyStore(writing)

  const get = async (id: SignupId) => readContent(signupSchema, await getItem(client, tables.short, signupKey(id)))

  const whyNotCounted = async (id: SignupId, limit: number, now: Instant): Promise<TryResult> => {
    const signup = await get(id)
    if (signup === undefined) return { outcome: 'unknown' }
    if (signup.usedAt !== undefined) return { outcome: 'used' }
    if (signup.expiresAt <= now) return { outcome: 'expired' }
    if (signup.tries >= limit) return { outcome: 'exhausted' }
    throw new Error('a try was refused, yet nothing stands against it')
  }

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
      try {
        const updated = await outlastConflicts(() =>
          client.send(
            new UpdateCommand({
              TableName: tables.short,
              Key: signupKey(id),
              UpdateExpression: 'SET #content.tries = #content.tries + :one',
              ConditionExpression:
                'attribute_exists(pk) AND attribute_not_exists(#content.usedAt) AND #content.tries < :limit AND #content.expiresAt > :now',
              ExpressionAttributeNames: names,
              ExpressionAttributeValues: { ':one': 1, ':limit': limit, ':now': now },
              ReturnValues: 'ALL_NEW',
            }),
          ),
        )
        const signup = readContent(signupSchema, updated.Attributes)
        return signup === undefined ? { outcome: 'unknown' } : { outcome: 'counted', signup }
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return whyNotCounted(id, limit, now)
        throw error
      }
    },
    complete: async ({ signup, session, opening, entry }) => {
      const use: GuardedWrite<'used' | 'known'> = {
        refusal: 'used',
        write: {
          Update: {
            TableName: tables.short,
            Key: signupKey(signup.id),
            UpdateExpression: 'SET #content.usedAt = :now',
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#content.usedAt)',
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: { ':now': session.createdAt },
          },
        },
      }
      const Item = {
        ...sessionKey(session.tokenHash),
        kind: 'session',
        [contentAttribute]: session,
        expiresAt: toEpochSeconds(idleEnd(session, ownerSessionLife)),
      }
      const refusals = await transact<'used' | 'known'>(client, [
        use,
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

export const createSessionStore = ({ client, tables }: Database): SessionStore => ({
  find: async (tokenHash, now) => {
    const session = readContent(sessionSchema, await getItem(client, tables.short, sessionKey(tokenHash)))
    return session !== undefined && isOpen(session, now) ? session : undefined
  },
  noteUse: (session, now) =>
    writesIf(() =>
      client.send(
        new UpdateCommand({
          TableName: tables.short,
          Key: sessionKey(session.tokenHash),
          UpdateExpression: 'SET #content.usedAt = :now, expiresAt = :expiresAt',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: {
            ':now': now,
            ':expiresAt': toEpochSeconds(idleEnd({ ...session, usedAt: now }, ownerSessionLife)),
          },
        }),
      ),
    ),
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
})
