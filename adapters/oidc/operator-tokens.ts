import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { SitewrightError } from '../../core/errors.ts'
import { type OperatorRole, operatorRoles } from '../../core/events/actor.ts'
import type { Clock } from '../../core/ports/context.ts'
import type { OperatorTokens } from '../../core/ports/tokens.ts'

/** The claim in which Cognito lists a user's groups. */
export const groupsClaim = 'cognito:groups'

export interface OperatorTokenSettings {
  /** As the tokens name it, without a slash at the end. */
  readonly issuer: string
  /** Whom the tokens are for. */
  readonly clientId: string
  /** Finds the key that a token names. */
  readonly keys: JWTVerifyGetKey
  /** The wall clock. */
  readonly clock: Clock
}

/** Whether a key set could not be asked; any other error says what is wrong with the token. */
const isSilence = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error.code === errors.JOSEError.code

/**
 * Only access tokens of our client: an ID token tells a client who signed in, and anybody who gets one could present it. Cognito's
 * access tokens name their client in a claim of its own and have no audience.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
const isAccessFor = ({ token_use: use, client_id: client }: JWTPayload, clientId: string): boolean =>
  use === 'access' && client === clientId

/** The highest role among a person's groups. */
export const roleOf = (payload: JWTPayload): OperatorRole | undefined => {
  const groups: readonly unknown[] = [payload[groupsClaim]].flat()
  return operatorRoles.findLast((role) => groups.includes(role))
}

/** Seconds that another machine's clock may be ahead of ours. */
const clockTolerance = 5

/** Verifies RS256 tokens against the keys of their issuer. */
export const createOperatorTokens = ({ issuer, clientId, keys, clock }: OperatorTokenSettings): OperatorTokens => {
  const read = async (token: string): Promise<JWTPayload | undefined> => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'exp', 'iat'],
        currentDate: new Date(clock()),
        clockTolerance,
      })
      return payload
    } catch (error) {
      if (!isSilence(error)) return undefined
      throw new SitewrightError('Unavailable', 'Tokens cannot be verified at the moment. Try again in a moment.', {
        cause: error,
      })
    }
  }

  return {
    verify: async (token) => {
      const payload = await read(token)
      if (payload?.sub === undefined || payload.sub === '' || !isAccessFor(payload, clientId)) return undefined
      const role = roleOf(payload)
      return role === undefined ? undefined : { operatorId: payload.sub, role }
    },
  }
}

/**
 * The keys of an issuer such as a Cognito user pool, fetched for the first token, and again for a token of an unknown key.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
 */
export const issuerKeys = (issuer: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { timeoutDuration: 3000 })
