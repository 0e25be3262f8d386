import { describe, expect, it } from 'vitest'
import { currentBlueprint } from '../../../lambdas/releases/rollout.ts'
import { welcome } from '../../support/provisioning.ts'
import { sampleRollout } from '../../support/sample-rollout.ts'

describe('new sites get', () => {
  it.each([
    ['the newest if no version is held back', undefined, 3],
    ['the one below a version that is held back', [3], 2],
    ['the newest of those that are not', [2, 3], 1],
    ['the newest if it was published after what is held back', [2], 3],
    ['the newest if all are held back', [1, 2, 3], 3],
  ])('%s', async (_, heldBack, expected) => {
    const versions = [welcome(1), welcome(2), welcome(3)]
    const ports = {
      blueprints: { versions: async () => versions },
      rollouts: { read: async () => sampleRollout(heldBack && { heldBack }) },
    }
    expect((await currentBlueprint(ports, versions[2]))?.version).toBe(expected)
  })

  it('no version before the first is published, and the newest without a roll-out', async () => {
    const ports = { blueprints: { versions: async () => [] }, rollouts: { read: async () => undefined } }
    expect(await currentBlueprint(ports, undefined)).toBeUndefined()
    expect((await currentBlueprint(ports, welcome(1)))?.version).toBe(1)
  })
})
