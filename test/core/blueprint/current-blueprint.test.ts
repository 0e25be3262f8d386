import { describe, expect, it } from 'vitest'
import { currentBlueprint } from '../../../core/blueprint/current-blueprint.ts'
import type { Rollout } from '../../../core/release/rollout.ts'
import { welcome } from '../../support/provisioning.ts'
import { sampleRollout } from '../../support/sample-rollout.ts'

const halted = { state: 'halted', because: 'failures' } as const
const down = { to: 1, downFrom: 3 } as const

const cases: readonly (readonly [string, Partial<Rollout> | undefined, number])[] = [
  ['the newest without a roll-out', undefined, 3],
  ['the newest while a roll-out to it runs', { to: 3 }, 3],
  ['the newest while a roll-out to it is paused', { to: 3, state: 'paused' }, 3],
  ['the version below if the first roll-out halted', { to: 3, ...halted }, 2],
  ['the version that finished before if a roll-out halted', { to: 3, ...halted, finishedBefore: 1 }, 1],
  ['no version that went back', { to: 3, state: 'went-back', because: 'bake-time' }, 2],
  ['no version whose halted roll-out was aborted', { to: 3, ...halted, state: 'aborted' }, 2],
  ['the newest if a roll-out was aborted that had not halted', { to: 3, state: 'aborted' }, 3],
  ['a version that was published after a roll-out halted', { to: 2, ...halted }, 3],
  ['the former version while sites go down to it', down, 1],
  ['the former version once sites have gone down to it', { ...down, state: 'finished' }, 1],
  ['the newest if going down halted', { ...down, ...halted }, 3],
  ['the newest if going down was aborted', { ...down, state: 'aborted' }, 3],
  ['a version that was published after sites went down', { to: 1, downFrom: 2, state: 'finished' }, 3],
  ['the newest if there is no version below', { to: 3, ...halted, finishedBefore: 0 }, 3],
]

describe('new sites get', () => {
  it.each(cases)('%s', async (_, some, expected) => {
    const versions = [welcome(1), welcome(2), welcome(3)]
    const ports = {
      blueprints: { versions: async () => versions },
      rollouts: { read: async () => some && sampleRollout(some) },
    }
    expect((await currentBlueprint(ports, versions[2]))?.version).toBe(expected)
  })

  it('no version before the first is published', async () => {
    const ports = { blueprints: { versions: async () => [] }, rollouts: { read: async () => undefined } }
    expect(await currentBlueprint(ports, undefined)).toBeUndefined()
  })
})
