import * as z from 'zod'
import { tokenHash } from '../../core/digest.ts'
import { operatorRoles } from '../../core/events/actor.ts'
import { idSchema } from '../../core/ids.ts'
import { sessionPlace, sessionPlaceSchema } from '../accounts/session/session-facts.ts'
import { longestEnd, operatorSessionLife } from '../accounts/session/session-life.ts'
import { type CountPorts, countInWindows } from '../rate-limits/count-in-windows.ts'
import { isLimited, networkOf } from '../rate-limits/network.ts'
import type { AbusePolicy } from '../signup/abuse/abuse-policy.ts'
import { type AuditEntry, type AuditingPorts, auditEntry, auditOrigin, operatorAudited } from './audit/audit-entry.ts'
import type { CountRefusalPorts } from './audit/refusals.ts'

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

const knownSchema = operatorSessionSchema.pick({ operatorId: true, email: true, role: true, listedAs: true })
/** Somebody who has shown who they are, and may sign in. */
export type KnownOperator = z.infer<typeof knownSchema>

export interface Caller {
  readonly sourceIp: string
  readonly userAgent: string | undefined
}

export interface NewOperatorSession {
  readonly session: OperatorSession
  /** Returned once, never stored. */
  readonly token: string
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

export const attemptMinutes = 10
/** Wrong and right codes on one attempt. */
export const attemptTries = 5

/** A sign-in by code that has begun. It is stored for unknown addresses too, so that nobody sees a difference. */
export const operatorAttemptSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('ops'),
  /** Absent for an address of nobody. */
  operator: knownSchema.optional(),
  createdAt: instant,
  expiresAt: instant,
  /** Includes right ones. */
  tries: z.int().nonnegative(),
  usedAt: instant.optional(),
})
export type OperatorAttempt = z.infer<typeof operatorAttemptSchema>

export interface SignInPorts extends AuditingPorts, CountRefusalPorts {
  readonly rateWindows: CountPorts['rateWindows']
  readonly abuse: AbusePolicy
}

export const counting = (
  { rateWindows, clocks }: SignInPorts,
  { secret }: { readonly secret: string },
): CountPorts => ({ rateWindows, clocks, codeSecret: async () => secret })

/** Counts a try of a network. @throws {SitewrightError} `RateLimited`. */
export const admitTry = async (
  ports: SignInPorts,
  way: { readonly secret: string },
  sourceIp: string,
): Promise<void> => {
  const network = networkOf(sourceIp)
  if (!isLimited(ports.abuse, network)) return
  await countInWindows(counting(ports, way), [
    { of: 'operator tries of network', name: network.name, limits: ports.abuse.codeTries.network },
  ])
}
