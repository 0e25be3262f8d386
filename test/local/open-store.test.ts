import { randomBytes } from 'node:crypto'
import { expect, inject, it } from 'vitest'
import type { RolloutEvent } from '../../core/events/event.ts'
import type { Rollout } from '../../lambdas/releases/rollout.ts'
import { openStore } from '../../local/open-store.ts'
import { samplePolicies } from '../support/sample-policy.ts'

it('tells of each write with an event, and of no other', async () => {
  let told = 0
  const prefix = `test-${randomBytes(6).toString('hex')}`
  const onCommit = () => {
    told += 1
  }
  const { rollouts, close } = await openStore(inject('engine'), { policies: samplePolicies, prefix, onCommit })
  const rollout = (version: number) => ({ blueprint: 'welcome', version }) as Rollout
  const event = { id: 'evt_1', aggregate: { type: 'rollout', id: 'welcome' }, version: 1 } as unknown as RolloutEvent
  expect([await rollouts.write(rollout(1)), told]).toEqual([true, 0])
  expect([await rollouts.write(rollout(2), event), told]).toEqual([true, 1])
  expect([await rollouts.write(rollout(2), event), told]).toEqual([false, 1])
  close()
})
