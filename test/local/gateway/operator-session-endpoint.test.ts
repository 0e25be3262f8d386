import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { OperatorSession } from '../../../lambdas/operators/operator-session.ts'
import { serveOperatorSession } from '../../../local/gateway/local-endpoints.ts'
import { type Call, call } from '../../e2e/call.ts'
import { served } from '../served.ts'

const now = '2026-03-01T12:00:00.000Z'

const ask = async (more: Partial<Call>) => {
  const opened: OperatorSession[] = []
  const serve = serveOperatorSession({
    operatorSessions: { open: async (session) => void opened.push(session) },
    operatorIdOf: (email) => `op_of_${email}`,
    consoleUrl: 'http://localhost:4000',
    clocks: { domain: () => now, wall: () => now },
    randomness: createRandomness(),
    auditPolicy: { retentionDays: 1 },
  })
  await using server = await served((request, response) => {
    serve(request, response, new URL('http://localhost/_local/operators/session')).catch((error: unknown) =>
      response.destroy(error as Error),
    )
  })
  return { answer: await call(server, { method: 'POST', path: '/_local/operators/session', ...more }), opened }
}

describe('a session of an operator on their own machine', () => {
  it('is opened by one request, in a cookie that no script reads', async () => {
    const { answer, opened } = await ask({ body: { email: 'ada@example.com', role: 'sales' } })
    expect(answer.status).toBe(201)
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^sitewright_operator=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    )
    expect(answer.json).toEqual({
      operatorId: 'op_of_ada@example.com',
      role: 'sales',
      expiresAt: '2026-03-02T00:00:00.000Z',
    })
    expect(opened).toMatchObject([{ operatorId: 'op_of_ada@example.com', role: 'sales', createdAt: now }])
  })

  it.each([[undefined], [{ email: 'ada', role: 'admin' }], [{ email: 'ada@example.com', role: 'root' }]])(
    'is refused with %j',
    async (body) => {
      const { answer, opened } = await ask(body === undefined ? {} : { body })
      expect(answer.status).toBe(400)
      expect(opened).toEqual([])
    },
  )

  it('is opened by POST alone', async () => {
    expect((await ask({ method: 'GET' })).answer.status).toBe(405)
  })
})
