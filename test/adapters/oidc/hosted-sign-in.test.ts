import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { createHostedSignIn } from '../../../adapters/oidc/hosted-sign-in.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import { listening } from '../../support/listening.ts'

it('has one timeout for all requests of a sign-in', async () => {
  const server = createServer((request, response) => {
    const isDiscovery = request.url?.endsWith('/openid-configuration') === true
    const body = isDiscovery ? { issuer, token_endpoint: `${issuer}/token` } : { error: 'invalid_grant' }
    setTimeout(() => {
      response.writeHead(isDiscovery ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }, 300)
  })
  const issuer = `http://127.0.0.1:${await listening(server)}`
  const settings = { clientId: 'a', clientSecret: 'b', callbackUrl: 'https://c.example', endUrl: '', allowHttp: true }
  const finish = (timeoutMilliseconds: number) =>
    createHostedSignIn({ ...settings, issuer, timeoutMilliseconds }).finish(
      new URLSearchParams({ code: 'x', state: 's' }),
      { state: 's', nonce: 'n', verifier: 'v'.repeat(43) },
    )
  try {
    // Each of the two requests takes less than this.
    await expect(finish(500)).rejects.toSatisfy((error) => isErrorOfKind(error, 'Unavailable'))
    expect(await finish(60_000)).toBeUndefined()
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
