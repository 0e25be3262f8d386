import { expect, it } from 'vitest'
import { auditOrigin, longestUserAgent } from '../../../../lambdas/operators/audit/audit-entry.ts'

it('cuts a long user agent, and leaves no part of an address in it', () => {
  const stored = (userAgent: string) => auditOrigin('192.0.2.1', userAgent).userAgent
  expect(stored('a'.repeat(400_000))).toBe('a'.repeat(longestUserAgent))
  const words = [`${'a'.repeat(300)}@example.com`, `${'b'.repeat(150)}@example.com`]
  expect(stored(words.join(' '))).toBe('[address] [address]')
})
