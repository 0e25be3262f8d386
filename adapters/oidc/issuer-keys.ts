import type { JWTVerifyGetKey } from 'jose'
import { createRemoteJWKSet } from 'jose'

/**
 * The keys of an issuer such as a Cognito user pool, fetched when the first token comes, kept, and looked up again where a
 * token names one that is not among them: the issuer may have rolled.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
 */
export const issuerKeys = (issuer: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { timeoutDuration: 3000 })
