import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { publicEndpoint } from '../../../lambdas/_runtime/endpoint.ts'
import { httpHandler } from '../../../lambdas/_runtime/http-handler.ts'
import { takesNothing } from '../../../lambdas/_runtime/operation.ts'
import { readText } from '../../../lambdas/_runtime/read-text.ts'
import { lambdaContext } from '../../../local/loaded-function.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { eventOf } from '../http-request.ts'

const operation = {
  ...takesNothing,
  id: 'echo',
  method: 'POST',
  path: '/v1/echo',
  audience: 'public',
  summary: 'Echo.',
  body: z.strictObject({ text: z.string().max(100) }),
  errors: [],
} as const
const route = publicEndpoint(operation, async ({ body }) => ({ status: 200, body }))
const handler = httpHandler([route], { log: recordingLog() })
const send = async (bytes: Buffer, isBase64Encoded: boolean) => {
  const event: APIGatewayProxyEventV2 = {
    ...eventOf({ method: 'POST', path: '/v1/echo', headers: { 'content-type': 'application/json' } }),
    body: isBase64Encoded ? bytes.toString('base64') : bytes.toString('utf8'),
    isBase64Encoded,
  }
  const { statusCode, body = '{}' } = await handler(event, lambdaContext('echo', 1000))
  return { status: statusCode, body: JSON.parse(body) }
}

const bom = Buffer.from([0xef, 0xbb, 0xbf])

describe('the text of a body', () => {
  it.each([true, false])('is read after a byte order mark (base64: %s)', async (asBase64) => {
    const body = Buffer.concat([bom, Buffer.from('{"text":"Zoë"}')])
    expect(await send(body, asBase64)).toEqual({ status: 200, body: { text: 'Zoë' } })
  })

  it('is refused where it is not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff]), Buffer.from('"}')])
    expect(await send(body, true)).toMatchObject({
      status: 400,
      body: { type: 'urn:sitewright:problem:malformed-body', detail: 'The body is not valid UTF-8.' },
    })
  })

  it('keeps what somebody typed, a replacement character too', async () => {
    expect(await send(Buffer.from('{"text":"\uFFFD"}'), true)).toEqual({ status: 200, body: { text: '\uFFFD' } })
  })

  it('is refused where JSON writes half of a character, and taken where it writes both', async () => {
    expect(await send(Buffer.from(String.raw`{"text":"a\ud83d"}`), true)).toMatchObject({
      status: 400,
      body: { type: 'urn:sitewright:problem:malformed-body' },
    })
    for (const text of ['🚀', String.raw`\ud83d`]) {
      expect(await send(Buffer.from(JSON.stringify({ text })), true)).toEqual({ status: 200, body: { text } })
    }
    expect(await send(Buffer.from(String.raw`{"text":"\ud83d\ude80"}`), true)).toEqual({
      status: 200,
      body: { text: '🚀' },
    })
  })

  it('is either exactly what was sent or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const isUtf8 = Buffer.from(Buffer.from(bytes).toString('utf8')).equals(bytes)
        const isMarked = Buffer.from(bytes).subarray(0, 3).equals(bom)
        if (isUtf8) expect(Buffer.from(readText(bytes))).toEqual(Buffer.from(bytes.subarray(isMarked ? 3 : 0)))
        else expect(() => readText(bytes)).toThrow('The body is not valid UTF-8.')
      }),
    )
  })

  it('of a stranger may have 16 KiB', async () => {
    const body = (length: number) => Buffer.from(JSON.stringify({ text: 'x'.padEnd(length) }))
    for (const asBase64 of [true, false]) {
      expect(await send(body(16 * 1024), asBase64)).toMatchObject({
        status: 413,
        body: { detail: 'The body may have at most 16 KiB.' },
      })
    }
  })
})
