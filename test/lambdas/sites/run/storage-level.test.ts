import { describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../../core/instant.ts'
import { isOverflowing, noteStorageLevel, storageLevel } from '../../../../lambdas/sites/run/meter-storage.ts'
import { active } from '../../../core/site/kept-sites.ts'
import { domainNow, fixedContext } from '../../../support/fixed-ports.ts'

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
    expect(storageLevel(percent(share), limits, before)).toBe(after)
  })

  it('does not go to and fro with a site that does', () => {
    let state: 'near' | 'full' | undefined
    let changes = 0
    for (let round = 0; round < 100; round += 1) {
      const next = storageLevel(percent(round % 2 === 0 ? 81 : 79), limits, state)
      if (next !== state) changes += 1
      state = next
    }
    expect(changes).toBe(1)
  })

  const storageSince = '2026-05-01T12:00:00.000Z'

  it.each([
    [111, 'near', 60, false],
    [110, 'full', 60, false],
    [110.1, 'full', 29, false],
    [110.1, 'full', 30, true],
  ] as const)('%d %% after it has been %s for %d minutes overflows: %s', (share, storage, minutes, expected) => {
    const now = plusMilliseconds(storageSince, minutes * 60_000)
    expect(isOverflowing(percent(share), limits, { storage, storageSince }, now)).toBe(expected)
  })

  it('does not overflow before the owner was told', () => {
    expect(isOverflowing(percent(500), limits, {}, storageSince)).toBe(false)
  })
})

describe('a change of the storage level', () => {
  it('is recorded, and removed once there is room', () => {
    const near = noteStorageLevel(active(), 'near', fixedContext())
    expect(near.after).toEqual({ ...active(), version: active().version + 1, storage: 'near', storageSince: domainNow })
    expect(near.event).toMatchObject({ type: 'SiteStorageNoted', data: { because: 'near' } })
    const room = noteStorageLevel(active({ storage: 'full', storageSince: domainNow }), undefined, fixedContext())
    expect(room.after).toEqual({ ...active(), version: active().version + 1 })
    expect(room.event.data).toMatchObject({ because: 'room' })
  })
})
