import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forwardedRequestHeaders } from '../../router/request-headers.ts'
import { forwardedResponseHeaders } from '../../router/response-headers.ts'

const forwarding = { entitlement: 'token', peer: '203.0.113.7', protocol: 'http', host: 'acme.localhost:4000' } as const
const hostname = 'acme.localhost'

const ours = [
  ['X-Forwarded-For', '203.0.113.7'],
  ['X-Real-IP', '203.0.113.7'],
  ['X-Forwarded-Proto', 'http'],
  ['X-Forwarded-Host', 'acme.localhost:4000'],
  ['Forwarded', 'for=203.0.113.7;host="acme.localhost:4000";proto=http'],
  ['x-sitewright-entitlement', 'token'],
]

const pairs = (raw: readonly string[]) =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : []))

const sentOn = (...raw: string[]) => pairs(forwardedRequestHeaders(raw, forwarding)).slice(0, -ours.length)
const answered = (...raw: string[]) => pairs(forwardedResponseHeaders(raw, 200, { hostname }))

describe('request fields', () => {
  it.each([
    ['Connection', 'close'],
    ['Keep-Alive', 'timeout=5'],
    ['Proxy-Connection', 'keep-alive'],
    ['Proxy-Authorization', 'Basic eA=='],
    ['Proxy', 'http://198.51.100.7:8080'],
    ['TE', 'trailers'],
    ['Trailer', 'X-Sum'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'h2c'],
    ['Expect', '100-continue'],
    ['x-sitewright-entitlement', 'forged'],
    ['X-SiteWright-Viewer', 'forged'],
    ['x_sitewright_entitlement', 'forged'],
    ['X-Sitewright_Viewer', 'forged'],
    ['x.sitewright.viewer', 'forged'],
    ['X-Forwarded-For', '10.0.0.1'],
    ['x_forwarded_for', '10.0.0.1'],
    ['Api_Key', 'as on AWS'],
    ['Api.Key', 'as on AWS'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'elsewhere.example'],
    ['X-Forwarded-Prefix', '/admin'],
    ['X-Real-IP', '10.0.0.1'],
    ['Forwarded', 'for=10.0.0.1'],
    ['Cookie', 'sitewright_session=secret'],
    ['Cookie', '__Host-sitewright_session=secret'],
    ['Cookie', 'sitewright_viewer=secret'],
    ['Cookie', 'sitewright_operator=secret; sitewright_operator_sign_in=secret'],
    ['Cookie', '__Host-sitewright_operator=secret; __Host-sitewright_operator_sign_in=secret'],
    ['Cookie', '__Host-sitewright_viewer=secret; Sitewright_Session=secret'],
  ])('drops %s: %s', (name, value) => {
    expect(sentOn(name, value)).toEqual([])
  })

  it.each([
    ['Host', 'acme.localhost:4000'],
    ['Content-Length', '5'],
    ['X-Requested-With', 'XMLHttpRequest'],
    ['x-sitewrights', 'a name that only looks like ours'],
    ['Authorization', 'Bearer t'],
    ['Cookie', 'a=1; my_sitewright_session=2'],
    ['Origin', 'http://acme.localhost:4000'],
    ['X-Note', 'sitewright_session=no cookie'],
  ])('forwards %s: %s', (name, value) => {
    expect(sentOn(name, value)).toEqual([[name, value]])
  })

  it('named by Connection are dropped in any case', () => {
    const kept = sentOn(
      'X-One',
      '1',
      'connection',
      'close, x-ONE',
      'X-Two',
      '2',
      'Connection',
      ' X-Two ',
      'X-Three',
      '3',
    )
    expect(kept).toEqual([['X-Three', '3']])
  })

  it('that frame or address the message are forwarded even if Connection names them', () => {
    const kept = sentOn('Connection', 'host, content-length', 'Host', 'a', 'Content-Length', '1')
    expect(kept).toEqual([
      ['Host', 'a'],
      ['Content-Length', '1'],
    ])
  })

  it('keep other cookies without those of the console', () => {
    expect(sentOn('Cookie', 'a=1; sitewright_session=s; b="x=y"; __Host-sitewright_session=s;c=3')).toEqual([
      ['Cookie', 'a=1; b="x=y";c=3'],
    ])
    expect(sentOn('Cookie', 'sitewright_session=s; a=1')).toEqual([['Cookie', 'a=1']])
  })

  it('added by the router come last, with IPv6 in brackets', () => {
    const raw = forwardedRequestHeaders(['A', 'b'], { ...forwarding, peer: '2001:db8::1', protocol: 'https' })
    expect(pairs(raw)).toEqual([
      ['A', 'b'],
      ['X-Forwarded-For', '2001:db8::1'],
      ['X-Real-IP', '2001:db8::1'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'acme.localhost:4000'],
      ['Forwarded', 'for="[2001:db8::1]";host="acme.localhost:4000";proto=https'],
      ['x-sitewright-entitlement', 'token'],
    ])
  })
})

describe('response fields', () => {
  it.each([
    ['Connection', 'close'],
    ['Keep-Alive', 'timeout=5'],
    ['Transfer-Encoding', 'chunked'],
    ['Trailer', 'X-Sum'],
    ['Sitewright-Event', 'course.created'],
    ['X-Sitewright-Entitlement', 'echoed'],
    ['Set-Cookie', 'a=1; Domain=localhost'],
    ['Set-Cookie', 'a=1; domain=.LOCALHOST; Path=/'],
    ['Set-Cookie', 'a=1; Path=/; Domain = other.localhost'],
    ['Set-Cookie', 'a=1; Domain=acme.localhost; Domain=localhost'],
    ['Set-Cookie', 'a=1;Domain=me.acme.localhost'],
  ])('drops %s: %s', (name, value) => {
    expect(answered(name, value)).toEqual([])
  })

  it.each([
    ['Set-Cookie', 'a=1; Path=/; HttpOnly'],
    ['Set-Cookie', 'a=1; Domain=acme.localhost'],
    ['set-cookie', 'a=1; Domain=.Acme.Localhost; Secure'],
    ['Set-Cookie', 'a=1; Domain='],
    ['Set-Cookie', 'Domain=localhost'],
    ['Set-Cookie', 'a=Domain; Path=/'],
    ['ETag', '"x"'],
    ['X-Robots-Tag', 'all'],
  ])('forwards %s: %s', (name, value) => {
    expect(answered(name, value)).toEqual([[name, value]])
  })

  it.each([
    ['"cache", "cookies", "storage"', '"cache", "storage"'],
    ['"cookies"', ''],
    ['" cookies "', ''],
    ['"*"', '"cache", "storage"'],
    ['"storage","executionContexts"', '"storage", "executionContexts"'],
  ])('with Clear-Site-Data: %s clear no cookies, which other sites have too', (given, sent) => {
    expect(answered('Clear-Site-Data', given)).toEqual([['Clear-Site-Data', sent]])
  })

  it('of a trial, and only of a trial, include noindex and its end', () => {
    const forged = ['X-Robots-Tag', 'all', 'X-Sitewright-Trial', 'ends=never']
    const trial = forwardedResponseHeaders(forged, 200, { hostname, trialEndsAt: '2026-03-15T12:00:00.000Z' })
    expect(pairs(trial)).toEqual([
      ['X-Robots-Tag', 'all'],
      ['X-Robots-Tag', 'noindex'],
      ['x-sitewright-trial', 'ends=2026-03-15T12:00:00.000Z'],
    ])
    expect(answered('A', 'b')).toEqual([['A', 'b']])
  })

  it('of a rehearsal include noindex', () => {
    const siteId = 'site_01jq3v5k8m0000000000000001' as const
    const site = { rehearsalOf: { siteId, target: {}, until: '2026-03-15T12:00:00.000Z' } }
    expect(pairs(forwardedResponseHeaders([], 200, { hostname, site }))).toEqual([['X-Robots-Tag', 'noindex']])
  })

  it('omit the length of a 204', () => {
    expect(forwardedResponseHeaders(['Content-Length', '5', 'A', 'b'], 204, { hostname })).toEqual(['A', 'b'])
    expect(forwardedResponseHeaders(['Content-Length', '5'], 304, { hostname })).toEqual(['Content-Length', '5'])
  })
})

const oddCase = (name: string) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => [...name].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''))

const known = fc
  .constantFrom('connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'forwarded')
  .chain(oddCase)
const own = fc
  .tuple(fc.constantFrom('x-sitewright-', 'x_sitewright_', 'x-forwarded-'), fc.stringMatching(/^[a-z0-9_-]{1,12}$/))
  .chain(([prefix, rest]) => oddCase(prefix + rest))
const harmless = fc.stringMatching(/^[a-wyzA-WYZ][a-z0-9-]{0,8}$/).map((name) => `q${name}`)
const value = fc.stringMatching(/^[!-~]{0,20}$/)
const field = fc.tuple(fc.oneof(known, own, harmless), value)

describe('arbitrary fields of a visitor', () => {
  it('leave exactly one entitlement and no connection fields', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 12 }), (fields) => {
        const names = pairs(forwardedRequestHeaders(fields.flat(), forwarding)).map(([name]) => name!.toLowerCase())
        const own = names.filter((name) => /^x[^a-z0-9](sitewright|forwarded)[^a-z0-9]/.test(name))
        expect(own).toEqual(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-sitewright-entitlement'])
        expect(names.filter((name) => name === 'forwarded')).toHaveLength(1)
        for (const gone of ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect']) {
          expect(names).not.toContain(gone)
        }
      }),
    )
  })

  it('arrive unchanged and in order if unknown and not named by Connection', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(harmless, value)), fc.array(harmless), (fields, named) => {
        const gone = new Set(named.map((name) => name.toLowerCase()))
        const kept = sentOn(...fields.flat(), 'Connection', named.join(', '))
        expect(kept).toEqual(fields.filter(([name]) => !gone.has(name.toLowerCase())))
      }),
    )
  })
})
