import * as z from 'zod'
import { operatorRoles } from '../../core/events/actor.ts'
import { sessionPlace, sessionPlaceSchema } from '../accounts/session/session-facts.ts'
import { longestEnd, operatorSessionLife } from '../accounts/session/session-life.ts'
import { tokenHash } from '../signup/verify-signup.ts'
import { type AuditEntry, type AuditingPorts, auditEntry, auditOrigin, operatorAudited } from './audit/audit-entry.ts'

const instant = z.iso.datetime({ precision: 3 })

/** A session of an operator in a browser. The token is stored only as a hash. */
export const operatorSessionSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tokenHash: z.string(),
  operatorId: z.string(),
  email: z.string(),
  /** At the sign-in. The directory knows the present one. */
  role: z.enum(operatorRoles),
  /** By what the directory finds the person again: it changes when the person is added again. */
  listedAs: z.string(),
  createdAt: instant,
  /** The end, even if it is used. */
  expiresAt: instant,
  /** The last use that was stored. */
  usedAt: instant.optional(),
  place: sessionPlaceSchema,
})
export type OperatorSession = z.infer<typeof operatorSessionSchema>

/** Somebody who has shown who they are, and may sign in. */
export type KnownOperator = Pick<OperatorSession, 'operatorId' | 'email' | 'role' | 'listedAs'>

/** Where a request comes from. */
export interface Caller {
  readonly sourceIp: string
  readonly userAgent: string | undefined
}

export interface NewOperatorSession {
  readonly session: OperatorSession
  /** Returned once, never stored. */
  readonly token: string
  /** The sign-in. */
  readonly entry: AuditEntry
}

export const newOperatorSession = (
  ports: AuditingPorts,
  operator: KnownOperator,
  { sourceIp, userAgent }: Caller,
): NewOperatorSession => {
  const token = ports.randomness.token()
  const createdAt = ports.clocks.wall()
  return {
    token,
    session: {
      schemaVersion: 1,
      tokenHash: tokenHash(token),
      ...operator,
      createdAt,
      expiresAt: longestEnd(createdAt, operatorSessionLife),
      place: sessionPlace(sourceIp, userAgent),
    },
    entry: auditEntry(ports, {
      who: operatorAudited(operator),
      action: 'signIn',
      from: auditOrigin(sourceIp, userAgent),
    }),
  }
}
