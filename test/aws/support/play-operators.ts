import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { vi } from 'vitest'
import { groupsClaim } from '../../../adapters/oidc/operator-tokens.ts'
import { sayPlayed } from '../say-played.ts'
import type { Played } from './fault-proxy.ts'

export interface PlayedOperators {
  /** What stands for the pool's operations. */
  readonly operations: Readonly<Record<string, Played>>
  /** The access token of an administrator, by the environment of a world. */
  readonly tokenOf: (environment: Readonly<Record<string, string>>) => Promise<string>
}

/** Cognito with one administrator: its user pool, and the keys that it publishes. */
export const playOperators = async (): Promise<PlayedOperators> => {
  sayPlayed('Cognito knows an administrator, and publishes the key of its tokens')
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const head = { kid: 'one', alg: 'RS256' }
  const published = { keys: [{ ...(await exportJWK(publicKey)), ...head, use: 'sig' }] }
  const fetched = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (resource, options) => {
    const url = resource instanceof Request ? resource.url : String(resource)
    return url.endsWith('/.well-known/jwks.json') ? Response.json(published) : fetched(resource, options)
  })
  return {
    operations: {
      'cognito-idp.AdminGetUser': () => ({ status: 200, body: { Username: 'grace', Enabled: true } }),
      'cognito-idp.AdminListGroupsForUser': () => ({ status: 200, body: { Groups: [{ GroupName: 'admin' }] } }),
    },
    tokenOf: ({ OPERATOR_ISSUER: issuer = '', OPERATOR_CLIENT: client = '' }) =>
      new SignJWT({ token_use: 'access', client_id: client, username: 'grace', [groupsClaim]: ['admin'] })
        .setProtectedHeader(head)
        .setIssuer(issuer)
        .setSubject('grace')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
  }
}
