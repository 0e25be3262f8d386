import { expect, it, vi } from 'vitest'
import { siteAddress, sourceAddressFor } from '../../../adapters/containers/site-network.ts'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import { createEndpointPools } from '../../../router/upstream/endpoint-pools.ts'

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

it("a connection to a site starts from this host's own address in the site's network", () => {
  for (const port of [20_000, 25_555, 31_999, 65_535]) {
    const { host, subnet } = siteAddress(port)
    const source = sourceAddressFor(host) ?? ''
    expect(numberOf(source)).toBe(numberOf(subnet.replace(/\/.*/, '')) + 1)
  }
})

it.each(['127.0.0.1', '::1', 'localhost', '10.20.0.2', '10.207.0.2', '10.216.0.2', '10.208.0.3', '192.168.1.2'])(
  'a connection to %s starts wherever the system likes',
  (host) => {
    expect(sourceAddressFor(host)).toBeUndefined()
  },
)

it('nothing for a site leaves this machine while its network is gone', async () => {
  const endpoint = { host: siteAddress(65_535).host, port: 65_535 }
  expect(await createHealthProbe().isHealthy(endpoint, { healthPath: '/' })).toBe(false)
  const pools = createEndpointPools()
  try {
    const fail = vi.fn()
    const exchange = { sent: vi.fn(), head: vi.fn(), piece: vi.fn(), end: vi.fn(), fail }
    pools
      .poolFor('site_01m88rmkxz2p9vcwqbqa29119j', endpoint)
      .request(
        {
          path: '/',
          method: 'GET',
          headers: [],
          body: undefined,
          bounds: { silentMilliseconds: 2000, fieldsBytes: 16_384 },
          maxIdleMilliseconds: Number.POSITIVE_INFINITY,
        },
        exchange,
      )
    await vi.waitFor(() => expect(fail).toHaveBeenCalledWith(expect.objectContaining({ code: 'EADDRNOTAVAIL' })))
    expect(exchange.sent).not.toHaveBeenCalled()
  } finally {
    await pools.close(0)
  }
})
