import { expect, it } from 'vitest'
import { knownDisposableDomains } from '../../../adapters/disposable-mail/known-disposable-domains.ts'

it('knows well-known providers of disposable mailboxes, in lower case, and no provider of others', () => {
  const domains = knownDisposableDomains()
  expect(domains.has('mailinator.com')).toBe(true)
  expect([...domains].filter((domain) => domain !== domain.toLowerCase())).toEqual([])
  for (const domain of ['gmail.com', 'outlook.com', 'example.com']) expect(domains.has(domain)).toBe(false)
})
