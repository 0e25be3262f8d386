import { afterAll, describe, expect, it } from 'vitest'
import type { PaymentNotice } from '../../lambdas/billing/payment-notice.ts'
import { isRelevant } from '../../lambdas/billing/webhook-api.ts'
import { openApiStage } from './api-stage.ts'
import { eventOf } from './http-request.ts'

let count = 0

const stage = await openApiStage()
afterAll(() => stage[Symbol.asyncDispose]())

const noticeOf = (facts: Partial<PaymentNotice> = {}): PaymentNotice => {
  count += 1
  return {
    id: `evt_${count}`,
    type: 'invoice.paid',
    isLive: false,
    customerId: 'cus_1',
    subscriptionId: 'sub_1',
    ...facts,
  }
}
const path = '/v1/webhooks/stripe'
const signed = (body: string): Record<string, string> => ({ 'stripe-signature': `signed ${Buffer.byteLength(body)}` })
const tell = (notice: object, headers: Record<string, string> = {}) => {
  const body = JSON.stringify(notice)
  return stage.send({ method: 'POST', path, body, headers: { ...signed(body), ...headers } })
}
const told = async (notice: Pick<PaymentNotice, 'id'>) =>
  (await stage.store.outbox.pending()).filter(({ aggregate }) => aggregate === `PAYMENT#${notice.id}`)
const problem = (kind: string, status: number) => ({ status, json: { type: `urn:sitewright:problem:${kind}` } })

describe("Stripe's events", () => {
  it('are recorded once, even if concurrent', async () => {
    const notice = noticeOf()
    const answers = [await tell(notice), ...(await Promise.all(Array.from({ length: 6 }, () => tell(notice))))]
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, json: { received: true } })
    const events = await told(notice)
    expect(events).toHaveLength(1)
    const { content } = events[0]!.image as unknown as { content: { M: Record<string, { S?: string; M?: object }> } }
    expect(content.M).toMatchObject({
      type: { S: 'PaymentNoticed' },
      causationId: { S: notice.id },
      data: { M: { customerId: { S: 'cus_1' }, subscriptionId: { S: 'sub_1' }, type: { S: 'invoice.paid' } } },
    })
  })

  it('of unknown kinds are acknowledged and ignored', async () => {
    const notice = noticeOf({ type: 'product.created' })
    expect(isRelevant(notice)).toBe(false)
    expect(await tell(notice)).toMatchObject({ status: 200, json: { received: true } })
    expect(await told(notice)).toEqual([])
  })

  it('of the other mode are refused, and logged', async () => {
    const notice = noticeOf({ isLive: true })
    expect(await tell(notice)).toMatchObject(problem('webhook-refused', 400))
    expect(await told(notice)).toEqual([])
    expect(stage.logLines.some((line) => line.includes('other mode') && line.includes(notice.id))).toBe(true)
  })

  it.each([
    ['not signed', {}],
    ['signed otherwise', { 'stripe-signature': 'signed 1' }],
  ])('that are %s are refused', async (_how, headers) => {
    const notice = noticeOf()
    const answer = await stage.send({ method: 'POST', path, body: JSON.stringify(notice), headers })
    expect(answer).toMatchObject(problem('webhook-refused', 400))
    expect(await told(notice)).toEqual([])
  })

  it('are verified byte by byte, as text or as base64, with any content type or none', async () => {
    // What a parser would leave out.
    const body = `  ${JSON.stringify(noticeOf())}\n `
    for (const contentType of ['application/json', 'application/json; charset=utf-8', 'text/plain', undefined]) {
      for (const isBase64Encoded of [true, false]) {
        const event = eventOf({
          method: 'POST',
          path,
          headers: { ...signed(body), ...(contentType === undefined ? {} : { 'content-type': contentType }) },
          body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
        })
        expect((await stage.invoke({ ...event, isBase64Encoded })).statusCode).toBe(200)
      }
    }
  })

  it('without a body are refused', async () => {
    expect(await stage.send({ method: 'POST', path })).toMatchObject(problem('webhook-refused', 400))
  })

  it('may have one MiB and not a byte more', async () => {
    const mebibyte = 1024 * 1024
    const padded = (size: number): string => {
      const text = JSON.stringify(noticeOf())
      return text + ' '.repeat(size - text.length)
    }
    const send = (body: string) => stage.send({ method: 'POST', path, body, headers: signed(body) })
    expect((await send(padded(mebibyte))).status).toBe(200)
    const refused = await send(padded(mebibyte + 1))
    expect(refused).toMatchObject(problem('payload-too-large', 413))
    expect(refused.json['detail']).toContain('1024 KiB')
  })

  it('fail if they cannot be stored, so that Stripe retries', async () => {
    await using away = await openApiStage(() => ({
      paymentNotices: { keep: () => Promise.reject(new Error('the table is away')) },
    }))
    const body = JSON.stringify(noticeOf())
    expect((await away.send({ method: 'POST', path, body, headers: signed(body) })).status).toBe(500)
  })

  it('pass the same checks as other requests', async () => {
    await using behind = await openApiStage(() => ({ originSecrets: async () => ['a-secret'] }))
    const body = JSON.stringify(noticeOf())
    const direct = await behind.send({ method: 'POST', path, body, headers: signed(body) })
    expect(direct).toMatchObject(problem('forbidden', 403))
    const headers = {
      ...signed(body),
      'x-sitewright-origin': 'a-secret',
      'cloudfront-viewer-address': '198.51.100.7:443',
    }
    expect((await behind.send({ method: 'POST', path, body, headers })).status).toBe(200)
  })
})
