import { afterAll, expect, it } from 'vitest'
import { operations as all } from '../../../lambdas/manifest.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { signIn } from '../sign-in.ts'

/** The identity provider decides what it sends to its callback. */
const operations = all.filter(({ id }) => id !== 'operatorFinishSignIn')

/** Parameters that a call needs. */
const needed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  previewPlan: { plan: 'starter', interval: 'month' },
}

const stage = await openApiStage(() => ({ abuse: unlimited }))
const owner = await signIn(stage, 'ada@example.com')
const headers = { public: {}, owner: owner.headers, operator: await stage.operator('admin@example.com', 'admin') }
afterAll(() => stage[Symbol.asyncDispose]())

it.each(operations)('$method $path refuses a parameter that it does not know, by its name', async (operation) => {
  const { id, method, path, audience } = operation
  const answer = await stage.send({
    method,
    path: path
      .replace('{version}', '1')
      .replaceAll(/\{\w+\}/g, `${path.includes('sign-in') ? 'ops' : 'sgn'}_01jq3v5k8m0000000000000000`),
    query: { ...needed[id], limits: '5' },
    headers: headers[audience],
    ...(method === 'GET' ? {} : { body: {} }),
  })
  expect(answer).toMatchObject({
    status: 400,
    json: {
      type: 'urn:sitewright:problem:invalid-request',
      detail: "The request's query is not valid: limits: is not known here.",
      errors: [{ path: 'limits', message: 'is not known here' }],
    },
  })
})
