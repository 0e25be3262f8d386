import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import { createRouterProbe } from '../../../adapters/router-probe/router-probe.ts'
import { createAnswerProbe } from '../../../router/router-self.ts'
import { listening } from '../../support/listening.ts'
import { healthProbeContract } from '../health-probe/contract.ts'

const listen = async (listener: Parameters<typeof createServer>[1]) => {
  const server = createServer(listener)
  const port = await listening(server)
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A probe, and a router that answers for itself whatever it is asked. */
const open = async ({ ours = 'a secret', theirs = 'a secret', ahead = 0 } = {}) => {
  const answer = createAnswerProbe({ probeSecret: theirs }, { probe: createHealthProbe({ timeoutMilliseconds: 300 }) })
  const router = await listen((request, response) => void answer(request, response))
  const lines: object[] = []
  const line = (fields: object) => void lines.push(fields)
  const probe = createRouterProbe({
    routerUrl: router.url,
    secret: async () => ours,
    log: { info: line, warn: line, error: line },
    now: () => Date.now() + ahead,
  })
  return { probe, lines, close: router.close }
}

healthProbeContract('a probe through a router', () => open())

describe('a router that does not answer the question', () => {
  const healthySite = () => listen((_, response) => response.end())
  const endpointOf = (url: string) => ({ host: '127.0.0.1', port: Number(new URL(url).port) })

  it.each([
    ['knows another secret', { theirs: 'another secret' }],
    ['has a clock that is far behind', { ahead: 33_000 }],
    ['has a clock that is far ahead', { ahead: -33_000 }],
  ])('because it %s says nothing about the site, and is logged', async (_, difference) => {
    const { probe, lines, close } = await open(difference)
    const site = await healthySite()
    expect(await probe.isHealthy(endpointOf(site.url), { healthPath: '/' })).toBeUndefined()
    expect(lines).toEqual([{ status: 403 }])
    await site.close()
    await close()
  })

  it('because it is away says nothing about the site, and is logged', async () => {
    const { probe, lines, close } = await open()
    await close()
    const site = await healthySite()
    expect(await probe.isHealthy(endpointOf(site.url), { healthPath: '/' })).toBeUndefined()
    expect(lines).toEqual([{ err: expect.any(Error) }])
    await site.close()
  })

  it('and a secret that cannot be had are no different', async () => {
    const line = () => undefined
    const probe = createRouterProbe({
      routerUrl: 'http://127.0.0.1:1',
      secret: () => Promise.reject(new Error('the secrets are away')),
      log: { info: line, warn: line, error: line },
    })
    expect(await probe.isHealthy({ host: '127.0.0.1', port: 1 }, { healthPath: '/' })).toBeUndefined()
  })
})
