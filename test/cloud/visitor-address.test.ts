import { beforeEach, describe, expect, it } from 'vitest'
import { createVisitorAddress } from '../../cloud/router/router-parts.ts'

const secret = 'what CloudFront shows'
let accepted: readonly string[]
beforeEach(() => {
  accepted = [secret]
})
const addressOf = createVisitorAddress(() => accepted)
const asked = (headersDistinct: Record<string, string[]>) => addressOf({ headersDistinct })

describe('the address of a visitor', () => {
  it('is what the load balancer appended, whatever stands before it', () => {
    expect(asked({ 'x-forwarded-for': ['192.0.2.1, 203.0.113.7'] })).toBe('203.0.113.7')
    expect(asked({ 'x-forwarded-for': ['192.0.2.1', '2001:db8::7'] })).toBe('2001:db8::7')
    expect(asked({ 'x-forwarded-for': ['203.0.113.7, made up'] })).toBe('')
    expect(asked({})).toBe('')
  })

  it('is what CloudFront says, where it shows its secret', () => {
    const shown = { 'x-sitewright-origin': [secret], 'x-forwarded-for': ['192.0.2.1, 198.51.100.1'] }
    expect(asked({ ...shown, 'cloudfront-viewer-address': ['203.0.113.7:51234'] })).toBe('203.0.113.7')
    expect(asked({ ...shown, 'cloudfront-viewer-address': ['2001:db8:0:0:0:0:0:7:443'] })).toBe('2001:db8:0:0:0:0:0:7')
    expect(asked({ ...shown, 'cloudfront-viewer-address': ['[2001:db8::7]:443'] })).toBe('2001:db8::7')
    expect(asked(shown)).toBe('')
  })

  it('is what CloudFront says by the secret of now and by that of before', () => {
    const shown = (by: string) =>
      asked({ 'x-sitewright-origin': [by], 'cloudfront-viewer-address': ['203.0.113.7:51234'] })
    expect([shown(secret), shown('the next one')]).toEqual(['203.0.113.7', ''])
    accepted = ['the next one', secret]
    expect([shown(secret), shown('the next one')]).toEqual(['203.0.113.7', '203.0.113.7'])
    accepted = ['the next one']
    expect([shown(secret), shown('the next one')]).toEqual(['', '203.0.113.7'])
  })

  it.each([[['']], [['another']], [[secret, secret]], [[`${secret} `]]])(
    'is not what anybody says who shows %j',
    (shown) => {
      const headers = { 'x-forwarded-for': ['203.0.113.7'], 'cloudfront-viewer-address': ['192.0.2.1:1'] }
      expect(asked({ ...headers, 'x-sitewright-origin': shown })).toBe('203.0.113.7')
    },
  )
})
