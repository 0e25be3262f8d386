import { describe, expect, it } from 'vitest'
import { createEdgeAddresses } from '../../../adapters/cloudfront/tenant-edge.ts'
import { served } from '../../local/served.ts'

const ranges = {
  prefixes: [
    { service: 'CLOUDFRONT', ip_prefix: '203.0.113.0/24' },
    { service: 'EC2', ip_prefix: '198.51.100.0/24' },
  ],
  ipv6_prefixes: [{ service: 'CLOUDFRONT', ipv6_prefix: '2001:db8:1::/48' }],
}

const listening = async (answer: () => { status: number; body: string }) => {
  let asked = 0
  const server = await served((_request, response) => {
    asked += 1
    const { status, body } = answer()
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  return { server, asked: () => asked }
}

describe('the addresses of CloudFront', () => {
  it('are those of its ranges, read once a day', async () => {
    const { server, asked } = await listening(() => ({ status: 200, body: JSON.stringify(ranges) }))
    await using _ = server
    let now = 0
    const isOfEdge = createEdgeAddresses({
      now: () => now,
      log: { warn: () => {} },
      source: `http://127.0.0.1:${server.port}/`,
    })
    expect(await isOfEdge(['203.0.113.7', '2001:db8:1::7'])).toBe(true)
    expect(await isOfEdge(['203.0.113.7', '198.51.100.7'])).toBe(false)
    expect(await isOfEdge(['2001:db8:2::7'])).toBe(false)
    expect(asked()).toBe(1)
    now += 86_400_001
    await isOfEdge(['203.0.113.7'])
    expect(asked()).toBe(2)
  })

  it('are not known where the list cannot be read, and asked for again', async () => {
    let body = '{"prefixes": 1}'
    const { server, asked } = await listening(() => ({ status: 200, body }))
    await using _ = server
    const warnings: string[] = []
    const log = { warn: (_: object, message: string) => warnings.push(message) }
    const isOfEdge = createEdgeAddresses({ now: () => 0, log, source: `http://127.0.0.1:${server.port}/` })
    expect(await isOfEdge(['203.0.113.7'])).toBeUndefined()
    expect(warnings).toEqual(['the list of CloudFront addresses could not be read'])
    body = JSON.stringify(ranges)
    expect(await isOfEdge(['203.0.113.7'])).toBe(true)
    expect(asked()).toBe(2)
  })
})
