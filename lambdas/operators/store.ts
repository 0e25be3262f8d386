import {
  contentItem,
  type Database,
  getItem,
  inTable,
  putItem,
  queryAll,
  readContent,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import type { Key } from '../../adapters/dynamodb/keys.ts'
import { countTry, noteSessionUse, useWrite } from '../../adapters/dynamodb/limited-use.ts'
import { type GuardedWrite, isNew, put, transact } from '../../adapters/dynamodb/transaction.ts'
import { type Instant, plusMilliseconds, toEpochSeconds } from '../../core/instant.ts'
import { idleEnd, operatorSessionLife } from '../accounts/session/session-life.ts'
import type { AuditEntry } from './audit/audit-entry.ts'
import { auditWrite } from './audit/store.ts'
import { type OperatorSession, operatorAttemptSchema, operatorSessionSchema } from './operator-session.ts'
import type { OperatorAttemptStore, OperatorSessionStore } from './ports.ts'

/** Sessions of operators, below a prefix of their own: functions for owners have no permission on it. */
const operatorSessionKey = (tokenHash: string): Key => ({ pk: `OPERATOR-SESSION#${tokenHash}`, sk: 'SESSION' })
const sessionOfOperatorKey = (operatorId: string, tokenHash: string): Key => ({
  pk: `OPERATOR-SESSION#OF#${operatorId}`,
  sk: tokenHash,
})
/** One machine only: operators' sign-ins that have begun, and the one-time passwords that were used. */
const operatorAttemptKey = (id: string): Key => ({ pk: `OPERATOR-ATTEMPT#${id}`, sk: 'ATTEMPT' })
const usedPasswordKey = (operatorId: string, listedAs: string, step: number): Key => ({
  pk: `OPERATOR-PASSWORD#${operatorId}`,
  sk: `${listedAs}#${step}`,
})

const endOf = (session: OperatorSession): number => toEpochSeconds(idleEnd(session, operatorSessionLife))

/** A new session and its sign-in as a part of a transaction. */
const openingWrites = <Refused extends string>(
  refusal: Refused,
  { tables }: Database,
  session: OperatorSession,
  entry: AuditEntry,
): readonly GuardedWrite<Refused>[] => [
  put(
    refusal,
    tables.short,
    contentItem(operatorSessionKey(session.tokenHash), 'operator-session', session, { expiresAt: endOf(session) }),
  ),
  put(refusal, tables.short, {
    ...sessionOfOperatorKey(session.operatorId, session.tokenHash),
    kind: 'session-of-operator',
    expiresAt: toEpochSeconds(session.expiresAt),
  }),
  auditWrite(refusal, tables, entry),
]

export const createOperatorSessions = (database: Database): OperatorSessionStore => {
  const {
    client,
    tables: { short },
  } = database
  const find = async (tokenHash: string, now: Instant): Promise<OperatorSession | undefined> => {
    const session = readContent(operatorSessionSchema, await getItem(client, short, operatorSessionKey(tokenHash)))
    // The table deletes what has ended within days, not at once.
    return session !== undefined && idleEnd(session, operatorSessionLife) > now ? session : undefined
  }
  return {
    open: async (session, entry) => {
      // Refused only where an earlier attempt wrote it and lost its reply.
      await transact(client, openingWrites('done', database, session, entry))
    },
    find,
    noteUse: (session, now) =>
      noteSessionUse(database, operatorSessionKey(session.tokenHash), {
        now,
        expiresAt: endOf({ ...session, usedAt: now }),
      }),
    listOf: async (operatorId, now) => {
      const sessions: OperatorSession[] = []
      for await (const { sk } of queryAll(client, inTable(short, sessionOfOperatorKey(operatorId, '').pk))) {
        const session = await find(String(sk), now)
        if (session !== undefined) sessions.push(session)
      }
      return sessions
    },
    end: async ({ tokenHash, operatorId }) => {
      for (const Key of [operatorSessionKey(tokenHash), sessionOfOperatorKey(operatorId, tokenHash)]) {
        await removeItem(client, short, Key)
      }
    },
  }
}

/** A one-time password is valid for a step before and after its own; this is longer. */
const passwordMilliseconds = 600_000

export const createOperatorAttempts = (database: Database): OperatorAttemptStore => {
  const { client, tables } = database

  return {
    create: (attempt) => {
      const expiresAt = toEpochSeconds(attempt.expiresAt)
      const item = contentItem(operatorAttemptKey(attempt.id), 'operator-attempt', attempt, { expiresAt })
      return putItem(client, tables.short, item)
    },
    countTry: async (id, limit, now) => {
      const counting = { schema: operatorAttemptSchema, key: operatorAttemptKey(id), limit, now }
      const counted = await countTry(database, counting)
      return counted.outcome === 'counted' ? { outcome: 'counted', attempt: counted.item } : counted
    },
    complete: async ({ attempt, step, session, entry }) => {
      const refusals = await transact<'used'>(client, [
        useWrite(tables.short, operatorAttemptKey(attempt.id), session.createdAt),
        put(
          'used',
          tables.short,
          {
            ...usedPasswordKey(session.operatorId, session.listedAs, step),
            kind: 'used-password',
            schemaVersion: 1,
            expiresAt: toEpochSeconds(plusMilliseconds(session.createdAt, passwordMilliseconds)),
          },
          isNew,
        ),
        ...openingWrites('used', database, session, entry),
      ])
      if (refusals.length === 0) return true
      // The same session in the store means that an earlier attempt succeeded and lost its reply.
      return (await getItem(client, tables.short, operatorSessionKey(session.tokenHash))) !== undefined
    },
  }
}
