import { describe, expect, it } from 'vitest'
import { isOverflowing, storageState } from '../../../core/site/storage-state.ts'

const limits = { storageMiB: 100 }
const percent = (share: number) => (share * 100 * 1_048_576) / 100

describe('how full a storage is', () => {
  it.each([
    [0, undefined, undefined],
    [79.9, undefined, undefined],
    [80, undefined, 'near'],
    [99.9, undefined, 'near'],
    [100, undefined, 'full'],
    [80, 'near', 'near'],
    [75, 'near', 'near'],
    [74.9, 'near', undefined],
    [100, 'near', 'full'],
    [99, 'full', 'full'],
    [95, 'full', 'full'],
    [94.9, 'full', 'near'],
    [75, 'full', 'near'],
    [74.9, 'full', undefined],
  ] as const)('%d %% after %s is %s', (share, before, after) => {
    expect(storageState(percent(share), limits, before)).toBe(after)
  })

  it('does not go to and fro with a site that does', () => {
    let state: 'near' | 'full' | undefined
    let changes = 0
    for (let round = 0; round < 100; round += 1) {
      const next = storageState(percent(round % 2 === 0 ? 81 : 79), limits, state)
      if (next !== state) changes += 1
      state = next
    }
    expect(changes).toBe(1)
  })

  it.each([
    [111, undefined, false],
    [111, 'near', false],
    [110, 'full', false],
    [110.1, 'full', true],
  ] as const)('%d %% after %s overflows: %s', (share, before, expected) => {
    expect(isOverflowing(percent(share), limits, before)).toBe(expected)
  })
})
