import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDevelopmentIssuer } from '../../../adapters/oidc/development-issuer.ts'
import { createOperatorTokens } from '../../../adapters/oidc/operator-tokens.ts'
import { serveOperators } from '../../../local/gateway/local-endpoints.ts'
import { type Call, call } from '../../e2e/call.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
import { served } from '../served.ts'

const clock = () => new Date().toISOString()

const directory = await directoryForAll()
const keyFile = join(directory, 'key.json')
const issuer = openDevelopmentIssuer({ keyFile, secret: 'a'.repeat(43), consoleUrl: 'http://localhost', clock })

const ask = async (more: Partial<Call>) => {
  await using server = await served((request, response) => {
    serveOperators(issuer)(request, response, new URL('http://localhost/_local/operators')).catch((error: unknown) =>
      response.destroy(error as Error),
    )
  })
  return await call(server, { method: 'POST', path: '/_local/operators', ...more })
}

describe('the operators of one machine', () => {
  it.each(['support', 'sales', 'admin'])('get a token for the role %s', async (role) => {
    const answer = await ask({ body: { email: 'ada@example.com', role } })
    expect(answer.status).toBe(201)
    expect(answer.headers['cache-control']).toBe('no-store')
    const { token, operatorId } = answer.json as { token: string; operatorId: string }
    expect(await createOperatorTokens({ ...issuer, clock }).verify(token)).toEqual({ operatorId, role })
  })

  it.each([
    ['no body', undefined],
    ['no JSON', '{"email":'],
    ['nothing', {}],
    ['no role', { email: 'ada@example.com' }],
    ['no such role', { email: 'ada@example.com', role: 'root' }],
    ['no address', { email: 'ada', role: 'admin' }],
    ['something else besides', { email: 'ada@example.com', role: 'admin', days: 100 }],
    ['a list', []],
  ])('are refused where they send %s', async (_what, body) => {
    const answer = await ask(body === undefined ? {} : { body })
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })

  it('are read by POST alone', async () => {
    const answer = await ask({ method: 'GET' })
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('POST')
  })
})
