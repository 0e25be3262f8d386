import { expect, it } from 'vitest'
import { auditOrigin, longestUserAgent } from '../../../../lambdas/operators/audit/audit-entry.ts'

it('cuts a user agent before it looks for addresses in it', () => {
  const { userAgent } = auditOrigin('192.0.2.1', 'a'.repeat(400_000))
  expect(userAgent).toBe('a'.repeat(longestUserAgent))
})
