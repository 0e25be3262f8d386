import { describe, expect, it } from 'vitest'
import { SitewrightError } from '../../../core/errors.ts'
import { serveClock } from '../../../local/gateway/local-endpoints.ts'
import { type Call, call } from '../../e2e/call.ts'
import { served } from '../served.ts'

const now = '2026-03-01T12:00:00.000Z'

const ask = async (request: Omit<Call, 'path'>, { hasStripeKey = false, busy = false } = {}) => {
  const turned: string[] = []
  const serve = serveClock({
    now: () => now,
    hasStripeKey,
    turner: {
      turn: async (advance) => {
        if (busy) throw new SitewrightError('OperationInProgress', 'The clock is already advancing.')
        turned.push(advance)
        return { now, ran: [] }
      },
    },
  })
  await using server = await served((incoming, response) => {
    serve(incoming, response, new URL('http://localhost/_local/clock')).catch((error: unknown) =>
      response.destroy(error as Error),
    )
  })
  return { answer: await call(server, { ...request, path: '/_local/clock' }), turned }
}

const problem = (kind: string) => ({ type: `urn:sitewright:problem:${kind}` })

describe('the clock of one machine', () => {
  it('is shown', async () => {
    const { answer } = await ask({})
    expect([answer.status, answer.json]).toEqual([200, { now }])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('is turned by what is asked, and answers with what came of it', async () => {
    const { answer, turned } = await ask({ method: 'POST', body: { advance: 'P14D' } })
    expect([answer.status, answer.json, turned]).toEqual([200, { now, ran: [] }, ['P14D']])
  })

  it.each([
    ['no JSON', 'P14D', 'malformed-body'],
    ['nothing', {}, 'invalid-request'],
    ['a number', { advance: 14 }, 'invalid-request'],
    ['more than the advance', { advance: 'P1D', to: now }, 'invalid-request'],
    ['a novel', { advance: 'P'.repeat(101) }, 'invalid-request'],
  ])('is not turned by %s', async (_what, body, kind) => {
    const { answer, turned } = await ask({ method: 'POST', body })
    expect([answer.status, turned]).toEqual([400, []])
    expect(answer.json).toMatchObject(problem(kind))
  })

  it('is not turned where Stripe keeps the time, and still shown', async () => {
    const { answer, turned } = await ask({ method: 'POST', body: { advance: 'P1D' } }, { hasStripeKey: true })
    expect([answer.status, turned]).toEqual([409, []])
    expect(answer.json['detail']).toContain('STRIPE_SECRET_KEY')
    expect((await ask({}, { hasStripeKey: true })).answer.status).toBe(200)
  })

  it('says so while it is being turned', async () => {
    const { answer } = await ask({ method: 'POST', body: { advance: 'P1D' } }, { busy: true })
    expect([answer.status, answer.json]).toEqual([409, expect.objectContaining(problem('operation-in-progress'))])
  })

  it.each(['PUT', 'DELETE'])('takes no %s', async (method) => {
    const { answer } = await ask({ method })
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST'])
  })
})
