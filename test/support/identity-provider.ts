import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import { listening } from './listening.ts'

export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string
  /** What the next people who sign in have. */
  readonly claims: Record<string, unknown>
  /** Signs somebody in at the provider's pages, as a browser does. @returns the address that it is sent back to. */
  readonly visit: (url: string) => Promise<URL>
}

/** node-oidc-provider, a certified OpenID provider, with one client that has to use PKCE and one person. */
export const startIdentityProvider = async (client: {
  readonly clientId: string
  readonly clientSecret: string
  readonly callbackUrl: string
}): Promise<IdentityProvider> => {
  const claims: Record<string, unknown> = {}
  let handle: ReturnType<Provider['callback']> | undefined
  const server = createServer((request, response) => void handle?.(request, response))
  const issuer = `http://127.0.0.1:${await listening(server)}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'one' }
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [client.callbackUrl],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['a key'] },
    pkce: { required: () => true },
    // As Cognito does, the ID token has the claims.
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'cognito:groups', 'cognito:username', 'token_use'], email: ['email'] },
    findAccount: async (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...claims }),
    }),
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    features: { devInteractions: { enabled: true } },
  })
  handle = provider.callback()

  const visit = async (start: string): Promise<URL> => {
    const jar = new Map<string, string>()
    const fetchStep = async (url: string, body?: URLSearchParams): Promise<Response> => {
      const answer = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(body === undefined ? {} : { method: 'POST', body }),
      })
      for (const cookie of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = cookie.split(';')[0]?.split('=') ?? []
        jar.set(name, value)
      }
      return answer
    }
    let url = start
    for (let step = 0; step < 12; step += 1) {
      if (url.startsWith(client.callbackUrl)) return new URL(url)
      let answer = await fetchStep(url)
      if (answer.status === 200) {
        const page = await answer.text()
        const action = /action="([^"]+)"/.exec(page)?.[1] ?? ''
        const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? ''
        answer = await fetchStep(
          new URL(action, url).href,
          new URLSearchParams({ prompt, login: 'ada', password: 'x' }),
        )
      }
      const location = answer.headers.get('location')
      if (location === null) throw new Error(`the provider answered ${answer.status}: ${await answer.text()}`)
      url = new URL(location, url).href
    }
    throw new Error('the provider sends the browser around')
  }

  return {
    issuer,
    claims,
    visit,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
