import { describe, expect, it } from 'vitest'
import { isId } from '../../../../core/ids.ts'
import { browserInWords, sessionIdOf, sessionPlace } from '../../../../lambdas/accounts/session/session-facts.ts'

describe('a user agent in words', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      'Safari on macOS',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1',
      'Safari on iOS',
    ],
    ['Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['curl/8.5.0', 'curl'],
    ['ada@example.com <script>', 'Unknown browser'],
    ['', 'Unknown browser'],
  ])('%s is %s', (userAgent, words) => {
    expect(browserInWords(userAgent)).toBe(words)
  })
})

describe('the place of a session', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:12:3456::1', '2001:db8:12::/48'],
    ['somewhere', undefined],
  ])('of %s has the network %s', (address, network) => {
    expect(sessionPlace(address, undefined).network).toBe(network)
  })
})

describe('the id of a session', () => {
  it('is an id, the same each time, and another for each token', () => {
    expect(isId('ses', sessionIdOf('a'))).toBe(true)
    expect(sessionIdOf('a')).toBe(sessionIdOf('a'))
    expect(sessionIdOf('a')).not.toBe(sessionIdOf('b'))
  })
})
