import { expect, it } from 'vitest'
import { openStrictStage } from '../abuse/strangers.ts'
import type { Answer, Call } from '../support/http-call.ts'
import { unlimited } from '../support/signing-up.ts'
import { demoApi } from './api.ts'
import { signUp } from './walk.ts'

it('a sign-up under pressure is let in with the work done that the deployment asks for', async () => {
  await using stage = await openStrictStage({ ...unlimited, proofOfWork: { ...unlimited.proofOfWork, when: 'always' } })
  const statuses: number[] = []
  const call = async ({ method, url, body }: Call): Promise<Answer> => {
    const { status, json } = await stage.send({
      method: method ?? 'GET',
      path: new URL(url).pathname,
      sourceIp: '192.0.2.1',
      ...(body === undefined ? {} : { body }),
    })
    statuses.push(status)
    return { status, json, text: '', firstByteMilliseconds: 0 }
  }
  const { id, workMilliseconds } = await signUp(demoApi('https://try.example.com', undefined, call), 'ada@example.com')
  expect(statuses).toEqual([428, 201])
  expect(id).toMatch(/^sgn_/)
  expect(workMilliseconds).toEqual(expect.any(Number))
  expect(stage.mails.map(({ to }) => to)).toEqual(['ada@example.com'])
})

it('tells in one line what a page says that came instead of an answer of the API', async () => {
  const page = '<html><head><style>p {}</style><title>403</title></head>\n<body><p>Request blocked.</p></body></html>'
  const call = async (): Promise<Answer> => ({ status: 403, json: undefined, text: page, firstByteMilliseconds: 0 })
  await expect(signUp(demoApi('https://try.example.com', undefined, call), 'ada@example.com')).rejects.toThrow(
    /^POST https:\/\/try\.example\.com\/v1\/signups answered 403: 403 Request blocked\.$/,
  )
})
