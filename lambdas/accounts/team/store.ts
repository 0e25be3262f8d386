import type * as z from 'zod'
import {
  collect,
  contentAttribute,
  contentItem,
  type Database,
  getItem,
  inTable,
  readAll,
  readContent,
  removeItem,
} from '../../../adapters/dynamodb/item.ts'
import type { Key } from '../../../adapters/dynamodb/keys.ts'
import {
  type Condition,
  contentHas,
  type GuardedWrite,
  isNew,
  put,
  transact,
  updateIf,
} from '../../../adapters/dynamodb/transaction.ts'
import type { AccountId, PersonId } from '../../../core/ids.ts'
import { type Instant, toEpochSeconds } from '../../../core/instant.ts'
import type { AuditEntry } from '../../operators/audit/audit-entry.ts'
import { auditWrite } from '../../operators/audit/store.ts'
import {
  type Invitation,
  invitationSchema,
  type Member,
  memberSchema,
  type TeamEraser,
  type TeamStore,
  type Token,
  tokenSchema,
} from './team.ts'

// Members and tokens are below their account, and members once more below the person. Invitations are in the table that may be
// lost, below their account and below the address.

const partition = (id: AccountId | PersonId): string => `TEAM#${id}`
const memberPrefix = 'MEMBER#'
const tokenPrefix = 'TOKEN#'
type Membership = Pick<Member, 'accountId' | 'personId'>
const keyBelow = (id: AccountId | PersonId, sk: string): Key => ({ pk: partition(id), sk })
const memberKey = ({ accountId, personId }: Membership): Key => keyBelow(accountId, `${memberPrefix}${personId}`)
const memberOfKey = ({ accountId, personId }: Membership): Key => keyBelow(personId, `${memberPrefix}${accountId}`)
const tokenKey = (accountId: AccountId, hash: string): Key => keyBelow(accountId, `${tokenPrefix}${hash}`)
const invitationKeys = ({ accountId, emailHash, id }: Invitation): readonly Key[] =>
  [accountId, emailHash].map((below) => ({ pk: `INVITATION#${below}`, sk: id }))

const remove = <Refusal extends string>(
  refusal: Refusal,
  TableName: string,
  key: Key,
  condition: Condition = {},
): GuardedWrite<Refusal> => ({ refusal, write: { Delete: { TableName, Key: key, ...condition } } })

const lists = ({ client, tables: { main, short } }: Database) => {
  const below = <Schema extends z.ZodType>(schema: Schema, table: string, pk: string, prefix?: string) =>
    collect(readAll(client, schema, inTable(table, pk, prefix)))
  const invitations = (of: string) => below(invitationSchema, short, `INVITATION#${of}`)
  return {
    members: (id: AccountId) => below(memberSchema, main, partition(id), memberPrefix),
    membershipsOf: (id: PersonId) => below(memberSchema, main, partition(id), memberPrefix),
    tokens: (id: AccountId) => below(tokenSchema, main, partition(id), tokenPrefix),
    invitations,
    openInvitations: async (of: string, now: Instant) => (await invitations(of)).filter((one) => one.expiresAt > now),
  }
}

export const createTeamStore = ({ client, tables }: Database): TeamStore => {
  const { main, short } = tables
  const list = lists({ client, tables })
  const memberWrites = <Refusal extends string>(refusal: Refusal, member: Member, condition: Condition) => [
    put(refusal, main, contentItem(memberKey(member), 'member', member), condition),
    put(refusal, main, contentItem(memberOfKey(member), 'member', member)),
  ]
  /** A refusal of the entry alone means that an earlier attempt wrote it and lost its reply. */
  const write = async (writes: readonly GuardedWrite<'changed'>[], entry: AuditEntry): Promise<boolean> => {
    const refusals = await transact<'changed' | 'done'>(client, [...writes, auditWrite('done', tables, entry)])
    return refusals.length === 0 || refusals.includes('done')
  }
  return {
    member: async (accountId, personId) =>
      readContent(memberSchema, await getItem(client, main, memberKey({ accountId, personId }))),
    members: list.members,
    accountsOf: async (personId) => (await list.membershipsOf(personId)).map(({ accountId }) => accountId),
    changeMember: (before, role, entry) =>
      write(memberWrites('changed', { ...before, role }, contentHas({ role: before.role })), entry),
    removeMember: (member, tokens, entry) =>
      write(
        [
          remove('changed', main, memberKey(member), contentHas({ since: member.since })),
          remove('changed', main, memberOfKey(member)),
          ...tokens.map(({ accountId, tokenHash }) => remove('changed' as const, main, tokenKey(accountId, tokenHash))),
        ],
        entry,
      ),
    invitations: list.openInvitations,
    invitationsTo: list.openInvitations,
    invite: (invitation, entry, before) => {
      const items = invitationKeys(invitation).map((key) => contentItem(key, 'invitation', invitation))
      const expiresAt = toEpochSeconds(invitation.expiresAt)
      const condition = before && contentHas({ createdAt: before.createdAt })
      return write(
        items.map((item) => put('changed', short, { ...item, expiresAt }, condition)),
        entry,
      )
    },
    withdraw: async (invitation, entry) => {
      await write(
        invitationKeys(invitation).map((key) => remove('changed', short, key)),
        entry,
      )
    },
    accept: async (invitation, member, entry) => {
      // With the role and the end that were read: it may have been revoked, or sent again with another role.
      const removals = invitationKeys(invitation).map((key) =>
        remove('changed', short, key, contentHas({ createdAt: invitation.createdAt })),
      )
      if (await write([...removals, ...memberWrites('changed', member, isNew)], entry)) return true
      return readContent(memberSchema, await getItem(client, main, memberKey(member))) !== undefined
    },
    token: async (accountId, hash) => readContent(tokenSchema, await getItem(client, main, tokenKey(accountId, hash))),
    tokens: list.tokens,
    addToken: async (token, entry) => {
      await write(
        [put('changed', main, contentItem(tokenKey(token.accountId, token.tokenHash), 'token', token))],
        entry,
      )
    },
    revokeToken: async ({ accountId, tokenHash }, entry) => {
      await write([remove('changed', main, tokenKey(accountId, tokenHash))], entry)
    },
    noteTokenUse: ({ accountId, tokenHash }: Token, now) =>
      updateIf(client, {
        TableName: main,
        Key: tokenKey(accountId, tokenHash),
        UpdateExpression: 'SET #content.usedAt = :now',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#content': contentAttribute },
        ExpressionAttributeValues: { ':now': now },
      }),
  }
}

export const createTeamEraser = ({ client, tables }: Database): TeamEraser => {
  const { main, short } = tables
  const list = lists({ client, tables })
  const removeAll = async (TableName: string, keys: readonly Key[]): Promise<void> => {
    for (const Key of keys) await removeItem(client, TableName, Key)
  }
  const eraseMembers = async (members: readonly Member[]): Promise<void> => {
    for (const member of members) await removeAll(main, [memberKey(member), memberOfKey(member)])
  }
  const eraseInvitations = async (of: string): Promise<void> => {
    for (const invitation of await list.invitations(of)) await removeAll(short, invitationKeys(invitation))
  }
  return {
    erasePerson: async ({ personId, emailHash }) => {
      await eraseMembers(await list.membershipsOf(personId))
      await eraseInvitations(emailHash)
    },
    eraseAccount: async (accountId) => {
      await eraseMembers(await list.members(accountId))
      await eraseInvitations(accountId)
      for (const { tokenHash } of await list.tokens(accountId)) await removeAll(main, [tokenKey(accountId, tokenHash)])
    },
  }
}
