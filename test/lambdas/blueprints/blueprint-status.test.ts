import { describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import { blockingFailure, imageFailureAfter, newStatus } from '../../../lambdas/blueprints/blueprint-status.ts'

const start = '2026-03-01T12:00:00.000Z'
const later = (seconds: number) => plusMilliseconds(start, seconds * 1000)
const found = { version: 1, cause: 'image-not-found', detail: 'manifest unknown' } as const

describe('the failure of an image', () => {
  it('pauses builds for longer after each failure, up to five minutes', () => {
    let imageFailure = imageFailureAfter(undefined, found, start)
    const pauses = [imageFailure]
    for (let failure = 1; failure < 8; failure += 1) {
      imageFailure = imageFailureAfter(imageFailure, found, imageFailure.retryAt)
      pauses.push(imageFailure)
    }
    expect(imageFailure.since).toBe(start)
    expect(
      pauses.map(
        ({ retryAt }, index) => (Date.parse(retryAt) - Date.parse(pauses[index - 1]?.retryAt ?? start)) / 1000,
      ),
    ).toEqual([15, 30, 60, 120, 240, 300, 300, 300])
  })

  it('counts failures of tries at the same time once, and keeps the last words', () => {
    const first = imageFailureAfter(undefined, found, start)
    const second = imageFailureAfter(
      first,
      { ...found, cause: 'registry-unreachable', detail: 'no such host' },
      later(3),
    )
    expect(second).toEqual({ ...first, cause: 'registry-unreachable', detail: 'no such host' })
  })

  it('of another version begins again', () => {
    const first = imageFailureAfter(undefined, found, start)
    expect(imageFailureAfter(first, { ...found, version: 2 }, later(3))).toMatchObject({ since: later(3), failures: 1 })
  })

  it('keeps only builds of its version from starting, until the next try', () => {
    const status = { ...newStatus('shop'), imageFailure: imageFailureAfter(undefined, found, start) }
    expect(blockingFailure(status, 1, later(14))).toBeDefined()
    expect(blockingFailure(status, 1, later(15))).toBeUndefined()
    expect(blockingFailure(status, 2, start)).toBeUndefined()
    expect(blockingFailure(undefined, 1, start)).toBeUndefined()
  })
})
