import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventBatches } from '../../../adapters/eventbridge/event-batches.ts'

const entry = (bytes: number) => ({ Source: 's', DetailType: 't', Detail: 'é'.repeat(bytes / 2) })

describe('events for EventBridge', () => {
  it('go in calls of ten at most', () => {
    const entries = Array.from({ length: 23 }, () => entry(2))
    expect(eventBatches(entries).map(({ length }) => length)).toEqual([10, 10, 3])
  })

  it('go in calls that are no larger than allowed, counted in bytes', () => {
    const sizes = eventBatches([100_000, 100_000, 100_000, 255_000, 2].map(entry)).map(({ length }) => length)
    expect(sizes).toEqual([2, 1, 2])
  })

  it('have a call of their own where they are too large for any', () => {
    expect(eventBatches([entry(2), entry(400_000), entry(2)]).map(({ length }) => length)).toEqual([1, 1, 1])
  })

  it('all go, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150_000 })), (sizes) => {
        const entries = sizes.map((size) => entry(size * 2))
        expect(eventBatches(entries).flat()).toEqual(entries)
      }),
      { numRuns: 30 },
    )
  })
})
