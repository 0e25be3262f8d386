import { afterAll, expect, it } from 'vitest'
import type { OperatorRole } from '../../../core/events/actor.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'

const stage = await openApiStage(() => ({ abuse: unlimited }))
afterAll(() => stage[Symbol.asyncDispose]())

const send = async (blueprint: string, act: string, role: OperatorRole) =>
  (
    await stage.send({
      method: 'POST',
      path: `/v1/operator/rollouts/${blueprint}/${act}`,
      headers: await stage.operator(`${role}@example.com`, role),
      body: { reason: 'A test.' },
    })
  ).status

it('lets administrators alone open a cell to new sites again', async () => {
  // Neither is there: 404 is the answer of somebody who may.
  expect([await send('cell:fast', 'abort', 'support'), await send('cell:fast', 'abort', 'admin')]).toEqual([403, 404])
  expect([await send('welcome', 'abort', 'support'), await send('cell:fast', 'pause', 'support')]).toEqual([404, 404])
})
