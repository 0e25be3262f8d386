import { describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import { blockingTrouble, newStanding, troubleAfter } from '../../../lambdas/blueprints/standing.ts'

const start = '2026-03-01T12:00:00.000Z'
const later = (seconds: number) => plusMilliseconds(start, seconds * 1000)
const found = { version: 1, cause: 'image-not-found', detail: 'manifest unknown' } as const

describe('the trouble with an image', () => {
  it('pauses builds for longer after each failure, up to five minutes', () => {
    let trouble = troubleAfter(undefined, found, start)
    const pauses = [trouble]
    for (let failure = 1; failure < 8; failure += 1) {
      trouble = troubleAfter(trouble, found, trouble.retryAt)
      pauses.push(trouble)
    }
    expect(trouble.since).toBe(start)
    expect(
      pauses.map(
        ({ retryAt }, index) => (Date.parse(retryAt) - Date.parse(pauses[index - 1]?.retryAt ?? start)) / 1000,
      ),
    ).toEqual([15, 30, 60, 120, 240, 300, 300, 300])
  })

  it('counts failures of tries at the same time once, and keeps the last words', () => {
    const first = troubleAfter(undefined, found, start)
    const second = troubleAfter(first, { ...found, cause: 'registry-unreachable', detail: 'no such host' }, later(3))
    expect(second).toEqual({ ...first, cause: 'registry-unreachable', detail: 'no such host' })
  })

  it('of another version begins again', () => {
    const first = troubleAfter(undefined, found, start)
    expect(troubleAfter(first, { ...found, version: 2 }, later(3))).toMatchObject({ since: later(3), failures: 1 })
  })

  it('keeps only builds of its version from starting, until the next try', () => {
    const standing = { ...newStanding('shop'), trouble: troubleAfter(undefined, found, start) }
    expect(blockingTrouble(standing, 1, later(14))).toBeDefined()
    expect(blockingTrouble(standing, 1, later(15))).toBeUndefined()
    expect(blockingTrouble(standing, 2, start)).toBeUndefined()
    expect(blockingTrouble(undefined, 1, start)).toBeUndefined()
  })
})
