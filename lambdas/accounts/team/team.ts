import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import * as z from 'zod'
import { type AccountId, idSchema, isId, type PersonId } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import type { AuditEntry } from '../../operators/audit/audit-entry.ts'
import type { Session } from '../session/session-facts.ts'

/** What members may do: `rights.ts` says what. The last one may most. */
export const roles = ['viewer', 'developer', 'owner'] as const
export type Role = (typeof roles)[number]
/** The holder is the person with whom the account began. They are an owner, and the account ends with them. */
export type Rank = Role | 'holder'
const ranks: readonly Rank[] = [...roles, 'holder']

export const isAtLeast = (rank: Rank, min: Rank): boolean => ranks.indexOf(rank) >= ranks.indexOf(min)

export const lower = <One extends Rank, Other extends Rank>(one: One, other: Other): One | Other =>
  isAtLeast(one, other) ? other : one

const instant = z.iso.datetime({ precision: 3 })

/** Somebody's membership of an account that is not their own one. */
export const memberSchema = z.strictObject({
  schemaVersion: z.literal(1),
  accountId: idSchema('acct'),
  personId: idSchema('prsn'),
  role: z.enum(roles),
  since: instant,
})
export type Member = z.infer<typeof memberSchema>

export const invitationDays = 7
/** Members and open invitations together. */
export const maxMembers = 50
export const maxTokens = 50

/** It works for its address alone: who accepts it has signed in with that address. So its link has no secret. */
export const invitationSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('inv'),
  accountId: idSchema('acct'),
  email: z.string(),
  emailHash: z.string(),
  role: z.enum(roles),
  invitedBy: idSchema('prsn'),
  createdAt: instant,
  expiresAt: instant,
})
export type Invitation = z.infer<typeof invitationSchema>

export const tokenDays = { usual: 90, max: 365 } as const

export const tokenSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('tok'),
  accountId: idSchema('acct'),
  /** The token itself is stored nowhere. */
  tokenHash: z.string(),
  /** How it begins, by which people recognise it. */
  beginning: z.string(),
  name: z.string(),
  role: z.enum(['viewer', 'developer']),
  /** The only site that it reaches, with its environments; absent: all sites of the account. */
  siteId: idSchema('site').optional(),
  /** Whether it reaches what `production` runs and holds. */
  production: z.boolean(),
  createdBy: idSchema('prsn'),
  /** Created by the holder, whose rights never end. Those of others are asked for at each use. */
  byHolder: z.literal(true).optional(),
  createdAt: instant,
  expiresAt: instant,
  /** The last use that was stored. */
  usedAt: instant.optional(),
})
export type Token = z.infer<typeof tokenSchema>

/** Somebody who is signed in, in the account that they act for. */
export interface Acting extends Session {
  readonly rank: Rank
  /** Present if a token signed them in. */
  readonly token?: Pick<Token, 'id' | 'siteId' | 'production'>
}

const tokenForm = /^swt_([0-9a-z]{26})([0-9a-f]{40})([0-9a-z]{7})$/

const checksumOf = (text: string): string => crc32(text).toString(36).padStart(7, '0')

/**
 * A token: `swt_`, 66 characters and their checksum, so that a scanner of secrets knows it without asking us. It names its account,
 * below which its hash is stored.
 */
export const newToken = (accountId: AccountId, secret: string): string => {
  const body = `swt_${accountId.slice('acct_'.length)}${createHash('sha256').update(secret).digest('hex').slice(0, 40)}`
  return body + checksumOf(body)
}

/** The account of a token; undefined for what is none, such as one with a typing error. */
export const accountOfToken = (token: string): AccountId | undefined => {
  const [, account = '', , checksum] = tokenForm.exec(token) ?? []
  const id = `acct_${account}`
  return isId('acct', id) && checksumOf(token.slice(0, -7)) === checksum ? id : undefined
}

/** Where a token differs from others of its account. */
export const beginningOf = (token: string): string => `swt_…${token.slice(30, 34)}`

/** The teams of accounts. Reads are strongly consistent, and each change is recorded in one transaction with it. */
export interface TeamStore {
  readonly member: (accountId: AccountId, personId: PersonId) => Promise<Member | undefined>
  readonly members: (accountId: AccountId) => Promise<readonly Member[]>
  /** The accounts that are not their own. */
  readonly accountsOf: (personId: PersonId) => Promise<readonly AccountId[]>
  readonly changeMember: (before: Member, role: Role, entry: AuditEntry) => Promise<boolean>
  /** Their tokens go with them. */
  readonly removeMember: (member: Member, tokens: readonly Token[], entry: AuditEntry) => Promise<boolean>
  readonly invitations: (accountId: AccountId, now: Instant) => Promise<readonly Invitation[]>
  readonly invitationsTo: (emailHash: string, now: Instant) => Promise<readonly Invitation[]>
  /** @param before what it replaces. @returns false if that is gone or was changed. */
  readonly invite: (invitation: Invitation, entry: AuditEntry, before?: Invitation) => Promise<boolean>
  readonly withdraw: (invitation: Invitation, entry: AuditEntry) => Promise<void>
  /** @returns false if the invitation is gone or was changed; somebody who is a member keeps the role. */
  readonly accept: (invitation: Invitation, member: Member, entry: AuditEntry) => Promise<boolean>
  readonly token: (accountId: AccountId, tokenHash: string) => Promise<Token | undefined>
  readonly tokens: (accountId: AccountId) => Promise<readonly Token[]>
  readonly addToken: (token: Token, entry: AuditEntry) => Promise<void>
  readonly revokeToken: (token: Token, entry: AuditEntry) => Promise<void>
  /** @returns false if it was revoked meanwhile. */
  readonly noteTokenUse: (token: Token, now: Instant) => Promise<boolean>
}

/** Removes what names a person or an account from teams. Idempotent. */
export interface TeamEraser {
  readonly erasePerson: (person: { readonly personId: PersonId; readonly emailHash: string }) => Promise<void>
  readonly eraseAccount: (accountId: AccountId) => Promise<void>
}
