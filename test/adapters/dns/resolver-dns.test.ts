import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDirectEdge, createResolverDns } from '../../../adapters/dns/resolver-dns.ts'
import type { Dns } from '../../../lambdas/domains/ports.ts'
import { playNameServer } from './played-name-server.ts'

const asks = ['txt', 'cname', 'addresses'] as const

let server: Awaited<ReturnType<typeof playNameServer>>
let dns: Dns

beforeAll(async () => {
  server = await playNameServer({
    'www.example.com': { CNAME: ['Shop.Example.NET'] },
    '_sitewright.www.example.com': { TXT: ['one', ['two ', 'parts']] },
    'both.example.com': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['20010db8000000000000000000000001'] },
    'four.example.com': { A: ['192.0.2.1'] },
    'empty.example.com': {},
    'failing.example.com': 'SERVFAIL',
    'refusing.example.com': 'REFUSED',
    'silent.example.com': 'silence',
  })
  dns = createResolverDns({ servers: [server.address], timeoutMilliseconds: 100 })
})
afterAll(() => server?.close())

describe('DNS by resolvers', () => {
  it('reads texts, their parts put together', async () => {
    expect((await dns.txt('_sitewright.www.example.com'))?.toSorted()).toEqual(['one', 'two parts'])
  })

  it('reads an alias in lower case', async () => {
    expect(await dns.cname('www.example.com')).toEqual(['shop.example.net'])
  })

  it('reads addresses of both kinds', async () => {
    expect((await dns.addresses('both.example.com'))?.toSorted()).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
    expect(await dns.addresses('four.example.com')).toEqual(['192.0.2.1'])
  })

  it.each(asks)('knows that there is nothing to %s where the name or the record does not exist', async (ask) => {
    expect(await dns[ask]('nobody.example.com')).toEqual([])
    expect(await dns[ask]('empty.example.com')).toEqual([])
  })

  it.each(asks)('knows nothing of %s where servers fail, refuse or do not respond', async (ask) => {
    expect(await dns[ask]('failing.example.com')).toBeUndefined()
    expect(await dns[ask]('refusing.example.com')).toBeUndefined()
    expect(await dns[ask]('silent.example.com')).toBeUndefined()
  })

  it('knows nothing where no server is there', async () => {
    const nobody = createResolverDns({ servers: ['127.0.0.1:1'], timeoutMilliseconds: 100 })
    for (const ask of asks) expect(await nobody[ask]('www.example.com')).toBeUndefined()
  })
})

describe('the edge of sites whose hostnames lead to routers', () => {
  it('is reached by its addresses and no others', async () => {
    const edge = createDirectEdge(dns)
    expect(edge.targetOf('both.example.com')).toBe('both.example.com')
    expect(await edge.isReachedBy(['192.0.2.2'], 'both.example.com')).toBe(true)
    expect(await edge.isReachedBy(['192.0.2.2', '192.0.2.3'], 'both.example.com')).toBe(false)
  })

  it('is not known to be missed where its own addresses are not known', async () => {
    const edge = createDirectEdge(dns)
    for (const target of ['failing.example.com', 'empty.example.com']) {
      expect(await edge.isReachedBy(['192.0.2.2'], target)).toBeUndefined()
    }
  })
})
