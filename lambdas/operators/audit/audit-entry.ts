import * as z from 'zod'
import { operatorRoles } from '../../../core/events/actor.ts'
import { idSchema, type PersonId } from '../../../core/ids.ts'
import { type Instant, plusDays } from '../../../core/instant.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { Operator } from '../../../core/ports/tokens.ts'
import { networkOf } from '../../rate-limits/network.ts'

export const auditPolicySchema = z.strictObject({
  /** For how long an entry is kept. */
  retentionDays: z.int().min(1).max(3650).default(400),
})

const instant = z.iso.datetime({ precision: 3 })

/** A person, an operator, or somebody who failed to sign in as one; by id only: the log outlives names and addresses. */
const auditedSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), id: idSchema('prsn') }),
  z.strictObject({ kind: z.literal('operator'), id: z.string(), role: z.enum(operatorRoles) }),
  z.strictObject({ kind: z.literal('visitor'), id: z.literal('unknown') }),
])
export type Audited = z.infer<typeof auditedSchema>

const auditOriginSchema = z.strictObject({
  network: z.string().describe('An IPv4 address, an IPv6 /64 or `unknown`.'),
  userAgent: z.string().optional(),
})
export type AuditOrigin = z.infer<typeof auditOriginSchema>

/** An entry of the audit log. It never changes. */
export const auditEntrySchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('aud'),
  at: instant.describe('By the wall clock.'),
  who: auditedSchema,
  action: z.string().describe('An operation of this API, `signIn`, `signOut` or `refused`.'),
  targets: z.array(z.string()).describe('The ids of the sites, accounts and people that were read or acted on.'),
  from: auditOriginSchema,
  reason: z.string().optional().describe("The operator's reason, or why a session was ended."),
  requestId: z.string().optional().describe('The `causationId` of the events that the request caused.'),
  refused: z
    .strictObject({ problem: z.string(), hour: instant, count: z.int().positive() })
    .optional()
    .describe('The type of a problem, and how often it was the answer in the hour that began then.'),
  expiresAt: instant,
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

/** Refusals of one kind to somebody in an hour. */
export const refusalSchema = z.strictObject({
  schemaVersion: z.literal(1),
  who: auditedSchema,
  /** In which account somebody acted: a person can be in the teams of several. */
  accountId: idSchema('acct').optional(),
  /** The type of the problem. */
  problem: z.string(),
  /** What the plan does not include. */
  feature: z.string().optional(),
  /** When the hour began. */
  hour: z.string(),
  /** Where the last one came from. */
  from: auditOriginSchema,
})
export type Refusal = Readonly<z.infer<typeof refusalSchema>>

export const personAudited = ({ personId }: { readonly personId: PersonId }): Audited => ({
  kind: 'person',
  id: personId,
})

export const operatorAudited = ({ operatorId, role }: Pick<Operator, 'operatorId' | 'role'>): Audited => ({
  kind: 'operator',
  id: operatorId,
  role,
})

export const visitorAudited: Audited = { kind: 'visitor', id: 'unknown' }

/** Replaces what looks like an e-mail address. Looks only where a word begins: from each of its characters, it would take the square of its length. */
export const withoutAddresses = (text: string): string =>
  text.replaceAll(/(?<![^\s<>@])[^\s<>@]+@[^\s<>@]+/g, '[address]')

export const longestUserAgent = 200

const readable = (userAgent: string): string =>
  withoutAddresses(userAgent.replaceAll(/\p{Cc}/gu, ' ')).slice(0, longestUserAgent)

/** @param userAgent the header, which can be anything. */
export const auditOrigin = (sourceIp: string, userAgent: string | undefined): AuditOrigin => ({
  network: networkOf(sourceIp).name,
  ...(userAgent === undefined ? {} : { userAgent: readable(userAgent) }),
})

export interface AuditingPorts extends Pick<Context, 'clocks' | 'randomness'> {
  readonly auditPolicy: { readonly retentionDays: number }
}

type Said = Pick<AuditEntry, 'who' | 'action' | 'from'> &
  Partial<Pick<AuditEntry, 'targets' | 'reason' | 'requestId' | 'refused'>>

export const auditEntry = (
  { clocks, randomness, auditPolicy }: AuditingPorts,
  { reason, ...said }: Said,
  at: Instant = clocks.wall(),
): AuditEntry => ({
  schemaVersion: 1,
  id: randomness.id('aud'),
  at,
  targets: [],
  ...said,
  ...(reason === undefined ? {} : { reason: withoutAddresses(reason) }),
  expiresAt: plusDays(at, auditPolicy.retentionDays),
})
