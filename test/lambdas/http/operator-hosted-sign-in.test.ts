import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createHostedSignIn } from '../../../adapters/oidc/hosted-sign-in.ts'
import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import { startIdentityProvider } from '../../support/identity-provider.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'

const client = {
  clientId: 'console',
  clientSecret: 'a-secret-of-the-client',
  callbackUrl: 'https://console.example/v1/operator/sign-in/callback',
}
const endUrl = 'https://sign-in.example/logout?client_id=console'
const consoleUrl = 'https://console.example'

const signInAt = (issuer: string, clientSecret = client.clientSecret) => ({
  method: 'hosted' as const,
  secret: 'of windows',
  provider: createHostedSignIn({ ...client, clientSecret, issuer, endUrl, allowHttp: true }),
})

const provider = await startIdentityProvider(client)
const stage = await openApiStage(({ clocks }) => ({
  consoleUrl,
  operatorSignIn: signInAt(provider.issuer),
  // The provider has no other clock.
  clocks: { ...clocks, wall: () => new Date().toISOString() },
}))
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
  await provider?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  Object.assign(provider.claims, {
    email: 'ada@example.com',
    'cognito:groups': ['support'],
    'cognito:username': 'ada-1',
  })
})

const cookieIn = (cookies: readonly string[], name: string): string | undefined =>
  cookies.map((cookie) => cookie.split(';')[0] ?? '').find((pair) => pair.startsWith(`__Host-${name}=`))

const begin = async (returnTo?: string) => {
  const answer = await stage.send({
    path: '/v1/operator/sign-in',
    ...(returnTo === undefined ? {} : { query: { returnTo } }),
  })
  expect(answer.status).toBe(302)
  return {
    location: String(answer.headers['location']),
    kept: cookieIn(answer.cookies, 'sitewright_operator_sign_in')!,
  }
}

const finish = (url: URL, ...cookies: readonly string[]) =>
  stage.send({ path: url.pathname, query: Object.fromEntries(url.searchParams), cookies })

const refusals = async (): Promise<unknown[]> => {
  const counted: unknown[] = []
  const later = new Date(Date.now() + 2 * 3_600_000).toISOString()
  for await (const refusal of stage.store.refusals.ended(later)) counted.push(refusal)
  return counted
}

const session = (cookies: readonly string[], at: ApiStage = stage) => at.send({ path: '/v1/operator/session', cookies })

const signIn = async (returnTo?: string) => {
  const { location, kept } = await begin(returnTo)
  const answer = await finish(await provider.visit(location), kept)
  return { answer, cookie: cookieIn(answer.cookies, 'sitewright_operator') ?? '' }
}

describe('signing in on the pages of an identity provider', () => {
  it('opens a session in a strict cookie, and returns to the page', async () => {
    const { answer, cookie } = await signIn('/operator/sites?status=failed')
    expect(answer.status).toBe(302)
    expect(answer.headers['location']).toBe('/operator/sites?status=failed')
    expect(answer.cookies).toEqual([
      '__Host-sitewright_operator_sign_in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
      expect.stringMatching(
        /^__Host-sitewright_operator=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
      ),
    ])
    const { json } = await session([cookie])
    expect(json).toMatchObject({ operator: { id: 'ada', email: 'ada@example.com', role: 'support' } })
    const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 5, who: 'ada' })
    expect(items.map(({ action }) => action)).toEqual(['operatorGetSession', 'signIn'])
  })

  it('asks by code with PKCE, state and nonce', async () => {
    const { searchParams } = new URL((await begin()).location)
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'console',
      redirect_uri: client.callbackUrl,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
  })

  it.each([
    '//evil.example/operator/',
    'https://evil.example/operator/',
    '/operator/../v1/session',
    '/operator/%2e%2e/x',
    '/operator/\\evil.example',
    '/operator',
    '/sites',
    '',
  ])('returns to no other place than its own pages: %s', async (returnTo) => {
    const { answer } = await signIn(returnTo)
    expect(answer.headers['location']).toBe('/operator/')
  })

  it('lets a person begin again after another tab began too, and counts no refusal', async () => {
    const before = await refusals()
    const [first, second] = [await begin(), await begin()]
    const answer = await finish(await provider.visit(first.location), second.kept)
    expect(answer.headers['location']).toBe('/operator/?signIn=expired')
    expect(cookieIn(answer.cookies, 'sitewright_operator')).toBeUndefined()
    expect(await refusals()).toEqual(before)
    expect(answer.cookies).toEqual([])
    expect((await finish(await provider.visit(second.location), second.kept)).headers['location']).toBe('/operator/')
  })

  it('refuses an answer without the cookie of its sign-in, and one that was used', async () => {
    const mine = await begin()
    const back = await provider.visit(mine.location)
    expect((await finish(back)).headers['location']).toBe('/operator/?signIn=expired')
    expect((await finish(back, mine.kept)).headers['location']).toBe('/operator/')
    expect((await finish(back, mine.kept)).headers['location']).toBe('/operator/?signIn=refused')
  })

  it.each(['nonce', 'verifier'])('refuses an answer that is not for its %s', async (name) => {
    const { location, kept } = await begin()
    const text = kept.slice(kept.indexOf('=') + 1)
    const secrets = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, string>
    const forged = Buffer.from(JSON.stringify({ ...secrets, [name]: 'x'.repeat(43) })).toString('base64url')
    const answer = await finish(await provider.visit(location), `__Host-sitewright_operator_sign_in=${forged}`)
    expect(answer.headers['location']).toBe('/operator/?signIn=refused')
    expect(cookieIn(answer.cookies, 'sitewright_operator')).toBeUndefined()
  })

  it('refuses a refusal, and what is no answer', async () => {
    const { location, kept } = await begin()
    const state = String(new URL(location).searchParams.get('state'))
    for (const query of [{ error: 'access_denied', state }, { state }, { code: 'made-up', state }]) {
      const url = new URL(`${client.callbackUrl}?${new URLSearchParams(query as Record<string, string>)}`)
      expect((await finish(url, kept)).headers['location']).toBe('/operator/?signIn=refused')
    }
  })

  it('tells a rate limit from an outage', async () => {
    const { location, kept } = await begin()
    const back = await provider.visit(location)
    const limited = new SitewrightError('RateLimited', 'Too many requests.', { retryAfterSeconds: 60 })
    const failing = async (error: Error) => {
      const wrong = async () => {
        throw error
      }
      await using broken = await openApiStage(({ clocks }) => {
        const way = signInAt(provider.issuer)
        return {
          ...{ consoleUrl, clocks: { ...clocks, wall: () => new Date().toISOString() } },
          operatorSignIn: { ...way, provider: { ...way.provider, begin: wrong, finish: wrong } },
        }
      })
      const answer = await broken.send({
        ...{ path: back.pathname, query: Object.fromEntries(back.searchParams), cookies: [kept] },
      })
      await broken.send({ path: '/v1/operator/sign-in' })
      const failures = broken.logLines.filter((line) => line.includes('"event":"operator-sign-in-failed"'))
      return [answer.headers['location'], failures.length]
    }
    expect(await failing(limited)).toEqual(['/operator/?signIn=limited', 0])
    expect(await failing(new Error('the table is away'))).toEqual(['/operator/?signIn=unavailable', 2])
  })

  it.each([[['staff']], [undefined]])('lets nobody in with the groups %j', async (groups) => {
    provider.claims['cognito:groups'] = groups
    const { answer, cookie } = await signIn()
    expect(answer.headers['location']).toBe('/operator/?signIn=refused')
    expect(cookie).toBe('')
  })

  it('lets nobody in with a token of another kind', async () => {
    provider.claims['token_use'] = 'access'
    const { answer } = await signIn()
    delete provider.claims['token_use']
    expect(answer.headers['location']).toBe('/operator/?signIn=refused')
  })

  it("signs out, and names the address that ends the provider's session", async () => {
    const { cookie } = await signIn()
    const request = { method: 'DELETE', path: '/v1/operator/session', cookies: [cookie] }
    expect((await stage.send(request)).status).toBe(403)
    const answer = await stage.send({ ...request, headers: { origin: consoleUrl } })
    expect(answer.json).toEqual({ signOutUrl: endUrl })
    expect((await session([cookie])).status).toBe(401)
  })

  it('says so where the provider does not answer, or does not know us', async () => {
    await using away = await openApiStage(() => ({ consoleUrl, operatorSignIn: signInAt('http://127.0.0.1:9') }))
    expect((await away.send({ path: '/v1/operator/sign-in' })).status).toBe(503)
    expect(away.logLines.filter((line) => line.includes('"event":"operator-sign-in-failed"'))).toHaveLength(1)
    const { finish: exchange, begin: start } = signInAt(provider.issuer, 'wrong').provider
    const secrets = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) }
    const back = await provider.visit(await start(secrets))
    await expect(exchange(back.searchParams, secrets)).rejects.toSatisfy((error) => isErrorOfKind(error, 'Unavailable'))
  })
})
