import * as z from 'zod'
import { contentItem, type Database, getItem, inTable, queryAll, readContent } from '../../adapters/dynamodb/item.ts'
import {
  accountKey,
  emailKey,
  type Key,
  memberKey,
  personKey,
  sessionKey,
  sessionOfPersonKey,
  trialKey,
} from '../../adapters/dynamodb/keys.ts'
import { noteSessionUse } from '../../adapters/dynamodb/limited-use.ts'
import {
  contentHas,
  type EventWriting,
  eventWrite,
  type GuardedWrite,
  isEventWritten,
  isNew,
  put,
  transact,
} from '../../adapters/dynamodb/transaction.ts'
import { type AccountId, idSchema, type PersonId, type SiteId } from '../../core/ids.ts'
import { type Instant, toEpochSeconds } from '../../core/instant.ts'
import { auditWrite } from '../operators/audit/store.ts'
import { type AccountOpening, accountSchema, personSchema } from './account.ts'
import { closureTaskItem } from './closure-store.ts'
import type { AccountChanges, AccountOpenings, AccountStore, SessionStore } from './ports.ts'
import { type Session, sessionSchema } from './session/session-facts.ts'
import { idleEnd, ownerSessionLife } from './session/session-life.ts'

const identitySchema = z
  .object({ schemaVersion: z.literal(1), personId: idSchema('prsn'), accountId: idSchema('acct') })
  .transform(({ personId, accountId }) => ({ personId, accountId }))

export const createAccountStore = ({ client, tables }: Database): AccountStore => {
  const find = (key: Key) => getItem(client, tables.main, key)
  const getPerson = async (id: PersonId) => readContent(personSchema, await find(personKey(id)))
  const getAccount = async (id: AccountId) => readContent(accountSchema, await find(accountKey(id)))

  return {
    get: getAccount,
    findByEmailHash: async (hash) => readContent(identitySchema, await find(emailKey(hash))),
    getPerson,
    getOwner: async (id) => {
      const account = await getAccount(id)
      if (account === undefined || account.closure?.state === 'erased') return undefined
      const person = await getPerson(account.ownerId)
      return person && { ...person, ...(account.language !== undefined && { language: account.language }) }
    },
  }
}

/** Writes person, account, membership and mail address. Refused where the address has an account. */
export const openingWrites = <Refusal extends string>(
  { person, account, event }: AccountOpening,
  known: Refusal,
  writing: EventWriting,
): readonly GuardedWrite<Refusal>[] => {
  const { main } = writing.tables
  const make = (key: Key, kind: string, content: object): GuardedWrite<Refusal> =>
    put(known, main, contentItem(key, kind, content), isNew)
  const schemaVersion = 1
  return [
    make(emailKey(person.emailHash), 'email', { schemaVersion, personId: person.id, accountId: account.id }),
    make(personKey(person.id), 'person', person),
    make(accountKey(account.id), 'account', account),
    make(memberKey(account.id, person.id), 'membership', { schemaVersion, role: 'owner', since: account.createdAt }),
    eventWrite(event, known, writing),
  ]
}

export const createAccountOpenings = (writing: EventWriting): AccountOpenings => ({
  open: async (opening) => {
    const refusals = await transact(writing.client, openingWrites(opening, 'known', writing))
    return refusals.length === 0 || isEventWritten(writing, opening.event)
  },
})

/** Uses up the trial, unless it is of another site. Names one site: an account may have had more than a condition can name. */
const trialWrite = async (
  { client, tables: { main } }: EventWriting,
  id: AccountId,
  sites: readonly SiteId[],
): Promise<GuardedWrite<'version'>> => {
  const key = trialKey(id)
  const held = await getItem(client, main, key)
  const siteId = sites.find((site) => site === held?.['siteId']) ?? 'none'
  return put(
    'version',
    main,
    { ...key, kind: 'trial', siteId, schemaVersion: 1 },
    {
      ConditionExpression: 'attribute_not_exists(pk) OR siteId = :site',
      ExpressionAttributeValues: { ':site': siteId },
    },
  )
}

export const createAccountChanges = (writing: EventWriting): AccountChanges => {
  const { client, tables } = writing
  return {
    commit: async ({ before, after, event, tasks = [], lastSites }) => {
      const account = contentItem(accountKey(after.id), 'account', after)
      const refusals = await transact(client, [
        put('version', tables.main, account, contentHas({ version: before.version })),
        eventWrite(event, 'version', writing),
        ...tasks.map((task) => put('version', tables.main, closureTaskItem(task))),
        ...(lastSites === undefined ? [] : [await trialWrite(writing, after.id, lastSites)]),
      ])
      return refusals.length === 0 || isEventWritten(writing, event)
    },
  }
}

/** The table deletes what has ended within days, not at once. */
const isOpen = (session: Session, now: Instant): boolean => idleEnd(session, ownerSessionLife) > now

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
