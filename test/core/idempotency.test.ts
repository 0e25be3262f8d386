import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idempotencyRecord, requireSameRequest } from '../../core/idempotency.ts'

const now = '2026-03-01T12:00:00.000Z'
const request = { slug: 'harbour', name: 'Harbour' }
const recordOf = (change: { scope?: string; key?: string; request?: unknown }, created = 'site_1') =>
  idempotencyRecord({ scope: 'acct_1', key: 'click-1', request, ...change }, created, now)

describe('the record of an Idempotency-Key', () => {
  it('is valid for a day', () => {
    expect(recordOf({}).expiresAt).toBe('2026-03-02T12:00:00.000Z')
  })

  it('points to what was created', () => {
    expect(recordOf({}, 'site_2').created).toBe('site_2')
  })

  it('differs between scopes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(recordOf({ scope: one }).key === recordOf({ scope: other }).key).toBe(one === other)
      }),
    )
  })

  it('holds neither the key nor the request in the clear', () => {
    const text = JSON.stringify(recordOf({ key: 'my-own-key' }))
    expect(text).not.toContain('my-own-key')
    expect(text).not.toContain('harbour')
  })

  it('takes the same request again, whatever it created', () => {
    expect(() => requireSameRequest(recordOf({}, 'site_1'), recordOf({}, ''))).not.toThrow()
  })

  it('refuses another request', () => {
    expect(() => requireSameRequest(recordOf({}), recordOf({ request: { ...request, name: 'Meadow' } }))).toThrow(
      expect.objectContaining({ kind: 'IdempotencyKeyReused' }),
    )
  })
})
