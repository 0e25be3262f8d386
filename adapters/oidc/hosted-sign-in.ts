import * as oauth from 'oauth4webapi'
import { SitewrightError } from '../../core/errors.ts'
import type { HostedIdentity, HostedSignIn } from '../../lambdas/operators/ports.ts'
import { roleOf } from './operator-tokens.ts'

interface HostedSignInSettings {
  /** As the tokens name it, without a slash at the end. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where the provider sends the browser back to. */
  readonly callbackUrl: string
  readonly endUrl: string
  /** For an issuer on this machine in a test. */
  readonly allowHttp?: boolean
  /** For discovery, token and keys together. By default it leaves the function, which has 15 seconds, time to answer. */
  readonly timeoutMilliseconds?: number
}

/** No usable answer came: no connection, a page of a gateway, keys that cannot be read, or the provider does not know us. */
const isUnavailable = (error: unknown): boolean => {
  if (error instanceof oauth.ResponseBodyError) {
    return error.status >= 500 || error.status === 429 || error.error === 'invalid_client'
  }
  if (!(error instanceof oauth.OperationProcessingError)) return !(error instanceof oauth.AuthorizationResponseError)
  return (
    error.code === oauth.RESPONSE_IS_NOT_CONFORM ||
    error.code === oauth.RESPONSE_IS_NOT_JSON ||
    error.code === oauth.PARSE_ERROR
  )
}

const unavailable = (cause: unknown): SitewrightError =>
  new SitewrightError('Unavailable', 'The identity provider does not answer. Try again in a moment.', { cause })

/**
 * Authorization code flow with PKCE at an OpenID provider such as a Cognito user pool.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
 */
export const createHostedSignIn = (settings: HostedSignInSettings): HostedSignIn => {
  const { issuer, clientId, clientSecret, callbackUrl, endUrl } = settings
  const { allowHttp = false, timeoutMilliseconds = 8000 } = settings
  const client: oauth.Client = { client_id: clientId }
  /** For all requests of one sign-in. */
  const withinTimeout = () => ({
    [oauth.allowInsecureRequests]: allowHttp,
    signal: AbortSignal.timeout(timeoutMilliseconds),
  })
  let known: Promise<oauth.AuthorizationServer> | undefined

  const discover = async (options: ReturnType<typeof withinTimeout>): Promise<oauth.AuthorizationServer> => {
    const at = new URL(issuer)
    return oauth.processDiscoveryResponse(at, await oauth.discoveryRequest(at, { ...options, algorithm: 'oidc' }))
  }
  const server = async (options: ReturnType<typeof withinTimeout>): Promise<oauth.AuthorizationServer> => {
    known ??= discover(options)
    try {
      return await known
    } catch (error) {
      known = undefined
      throw unavailable(error)
    }
  }

  const identityOf = (claims: oauth.IDToken): HostedIdentity | undefined => {
    const { sub, email, token_use: use, 'cognito:username': username } = claims
    if (use !== undefined && use !== 'id') return undefined
    if (typeof email !== 'string') return undefined
    return { operatorId: sub, email, role: roleOf(claims), listedAs: typeof username === 'string' ? username : sub }
  }

  return {
    endUrl,
    begin: async ({ state, nonce, verifier }) => {
      const { authorization_endpoint: endpoint } = await server(withinTimeout())
      if (endpoint === undefined) throw unavailable(new Error(`${issuer} names no authorization endpoint`))
      const url = new URL(endpoint)
      const query = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: callbackUrl,
        scope: 'openid email',
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      return url.href
    },
    finish: async (answer, { state, nonce, verifier }) => {
      const options = withinTimeout()
      const as = await server(options)
      try {
        const params = oauth.validateAuthResponse(as, client, answer, state)
        const auth = oauth.ClientSecretBasic(clientSecret)
        const response = await oauth.authorizationCodeGrantRequest(
          as,
          client,
          auth,
          params,
          callbackUrl,
          verifier,
          options,
        )
        const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
          expectedNonce: nonce,
          requireIdToken: true,
        })
        // Issuer, audience, times and nonce are verified above. The signature too, although the token came by TLS.
        await oauth.validateApplicationLevelSignature(as, response, options)
        const claims = oauth.getValidatedIdTokenClaims(tokens)
        return claims === undefined ? undefined : identityOf(claims)
      } catch (error) {
        if (isUnavailable(error)) throw unavailable(error)
        return undefined
      }
    },
  }
}
