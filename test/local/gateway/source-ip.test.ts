import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { sourceIpOf } from '../../../local/gateway/http-event.ts'

const sourceIp = (peer: string | undefined, forwardedFor: readonly string[] = [], proxies: readonly string[] = []) =>
  sourceIpOf(
    {
      socket: { remoteAddress: peer },
      // Node joins several fields: https://nodejs.org/api/http.html#messageheaders
      headers: forwardedFor.length === 0 ? {} : { 'x-forwarded-for': forwardedFor.join(', ') },
    } as unknown as IncomingMessage,
    proxies,
  )

describe('who makes a request', () => {
  it('is the peer, whatever it says of itself', () => {
    expect(sourceIp('192.0.2.1')).toBe('192.0.2.1')
    expect(sourceIp('192.0.2.1', ['198.51.100.9'])).toBe('192.0.2.1')
    expect(sourceIp(undefined)).toBe('')
  })

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('is whom a proxy on this machine (%s) names last', (peer) => {
    expect(sourceIp(peer, ['198.51.100.9'])).toBe('198.51.100.9')
    expect(sourceIp(peer, ['203.0.113.7, 198.51.100.9'])).toBe('198.51.100.9')
    expect(sourceIp(peer, ['203.0.113.7', '198.51.100.9'])).toBe('198.51.100.9')
    expect(sourceIp(peer, ['2001:db8::1'])).toBe('2001:db8::1')
  })

  it.each(['unknown', '', '198.51.100.9:80', '198.51.100.9,'])('is the proxy where what it names is %j', (last) => {
    expect(sourceIp('127.0.0.1', [last])).toBe('127.0.0.1')
  })

  it('is whom one of our proxies names, and no other', () => {
    expect(sourceIp('10.0.0.2', ['198.51.100.9'], ['10.0.0.2'])).toBe('198.51.100.9')
    expect(sourceIp('::ffff:10.0.0.2', ['198.51.100.9'], ['10.0.0.2'])).toBe('198.51.100.9')
    expect(sourceIp('10.0.0.3', ['198.51.100.9'], ['10.0.0.2'])).toBe('10.0.0.3')
  })
})
