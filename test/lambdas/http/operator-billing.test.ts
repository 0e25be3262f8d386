import { afterAll, describe, expect, it } from 'vitest'
import { reconciliationViewSchema } from '../../../lambdas/billing/answers.ts'
import { type BillingReport, listed } from '../../../lambdas/billing/reconciliation/billing-report.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'

const stage = await openApiStage(() => ({ abuse: unlimited }))
afterAll(() => stage[Symbol.asyncDispose]())

const ask = async (method: 'GET' | 'POST', path: string, body?: object) =>
  stage.send({
    method,
    path: `/v1/operator/billing${path}`,
    headers: await stage.operator('sue@example.com', 'support'),
    ...(body && { body }),
  })
const check = async () => {
  const { status, json } = await ask('GET', '')
  expect(status).toBe(200)
  return reconciliationViewSchema.parse(json)
}
const site = 'site_01jq3v5k8m0000000000000001'
const reportOf = (run: number, answers: number): BillingReport => ({
  schemaVersion: 1,
  run,
  beganAt: '2026-01-31T09:30:00.000Z',
  endedAt: '2026-01-31T09:31:00.000Z',
  answers,
  subscriptions: 7,
  repaired: listed([site]),
  withoutSite: listed(['sub_1']),
  withoutSubscription: listed([]),
  byArrangement: listed([]),
  disputed: listed([]),
  unreturned: listed([]),
  refused: listed([]),
  unusual: listed([]),
  revenue: [],
  left: listed([]),
})

// One after the other: each continues where the one before ended.
describe('the reconciliation of billing', () => {
  it('has no report before the first run', async () => {
    expect(await check()).toEqual({ request: null, attempt: null, report: null })
  })

  it.each([[{}], [{ reason: '' }], [{ reason: 'a\nb' }], [{ reason: 'x', more: 1 }]])('refuses %j', async (body) => {
    expect((await ask('POST', '/reconcile', body)).status).toBe(400)
    expect((await check()).request).toBeNull()
  })

  it('starts with a reason and runs in the background', async () => {
    const answer = await ask('POST', '/reconcile', { reason: 'The webhook was off.' })
    expect(answer.status).toBe(202)
    const request = {
      at: stage.now(),
      actor: { kind: 'operator', operatorId: expect.stringMatching(/^op_[0-9a-f]{32}$/), role: 'support' },
      reason: 'The webhook was off.',
      waiting: true,
    }
    expect(reconciliationViewSchema.parse(answer.json)).toEqual({ request, attempt: null, report: null })
    expect(JSON.stringify(answer.json)).not.toContain('sue@example.com')
    const events = (await stage.store.outbox.pending()).filter(({ aggregate }) => aggregate.startsWith('RECON'))
    expect(events).toHaveLength(1)
  })

  it('shows a running and a failed attempt', async () => {
    const { reconciliations } = stage.store
    const run = await reconciliations.begin('2026-01-31T09:30:00.000Z')
    const attempt = { beganAt: '2026-01-31T09:30:00.000Z', failedAt: null, error: null }
    expect(await check()).toMatchObject({ attempt, report: null })
    await reconciliations.fail(run, { at: '2026-01-31T09:30:01.000Z', error: 'Unavailable' })
    const failed = { ...attempt, failedAt: '2026-01-31T09:30:01.000Z', error: 'Unavailable' }
    expect(await check()).toMatchObject({ request: { waiting: true }, attempt: failed, report: null })
  })

  it('shows counts and lists once it has ended', async () => {
    const { reconciliations } = stage.store
    await reconciliations.finish(reportOf(await reconciliations.begin('2026-01-31T09:30:00.000Z'), 1))
    const { schemaVersion: _, run: __, answers: ___, ...report } = reportOf(2, 1)
    expect(await check()).toMatchObject({ request: { waiting: false }, attempt: null, report })
    await reconciliations.fail(await reconciliations.begin('2026-01-31T10:00:00.000Z'), {
      at: '2026-01-31T10:00:01.000Z',
      error: 'Unavailable',
    })
    expect(await check()).toMatchObject({ attempt: { error: 'Unavailable' }, report })
    await ask('POST', '/reconcile', { reason: 'Once more.' })
    expect(await check()).toMatchObject({ request: { waiting: true, reason: 'Once more.' }, report })
  })
})
