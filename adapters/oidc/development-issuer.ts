import { randomUUID } from 'node:crypto'
import { errors, type JWTVerifyGetKey, SignJWT } from 'jose'
import type { OperatorRole } from '../../core/events/actor.ts'
import { type Instant, plusMilliseconds, toEpochSeconds } from '../../core/instant.ts'
import type { Clock } from '../../core/ports/context.ts'
import { operatorIdOf } from '../operators/people-file.ts'
import { openKeyFile, signingAlgorithm } from './key-file.ts'
import { groupsClaim } from './operator-tokens.ts'

const hours = 12

interface IssuedToken {
  readonly token: string
  readonly operatorId: string
  readonly expiresAt: Instant
}

/** Stands in for the operators' identity provider where there is one person, at this machine. */
export interface DevelopmentIssuer {
  readonly issuer: string
  readonly clientId: string
  /** One person has the same id each time. */
  readonly issue: (operator: { readonly email: string; readonly role: OperatorRole }) => Promise<IssuedToken>
  readonly keys: JWTVerifyGetKey
  /** The id of the person with an address. */
  readonly operatorIdOf: (email: string) => string
}

/**
 * @param options.keyFile where its key is kept; made for the first token.
 * @param options.secret keys the ids of operators: 256 bits as base64url. @param options.clock the wall clock.
 */
export const openDevelopmentIssuer = ({
  keyFile,
  secret,
  consoleUrl,
  clock,
}: {
  readonly keyFile: string
  readonly secret: string
  readonly consoleUrl: string
  readonly clock: Clock
}): DevelopmentIssuer => {
  const issuer = `${consoleUrl}/_local/operators`
  const clientId = 'sitewright-operators'
  const key = openKeyFile(keyFile)

  return {
    issuer,
    clientId,
    operatorIdOf: (email) => operatorIdOf(secret, email),
    issue: async ({ email, role }) => {
      const { kid, privateKey } = await key.findOrMake()
      const operatorId = operatorIdOf(secret, email)
      const now = clock()
      const expiresAt = plusMilliseconds(now, hours * 3_600_000)
      const token = await new SignJWT({ [groupsClaim]: [role], client_id: clientId, token_use: 'access' })
        .setProtectedHeader({ alg: signingAlgorithm, kid })
        .setIssuer(issuer)
        .setSubject(operatorId)
        .setIssuedAt(Math.floor(Date.parse(now) / 1000))
        .setExpirationTime(toEpochSeconds(expiresAt))
        .setJti(randomUUID())
        .sign(privateKey)
      return { token, operatorId, expiresAt }
    },
    keys: async ({ kid }) => {
      const found = await key.find()
      if (found === undefined || kid !== found.kid) throw new errors.JWKSNoMatchingKey()
      return found.publicKey
    },
  }
}
