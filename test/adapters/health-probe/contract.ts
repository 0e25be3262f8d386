import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { CheckProbe, HealthProbe } from '../../../core/ports/runtime.ts'

export interface OpenedProbe {
  readonly probe: HealthProbe & CheckProbe
  readonly close: () => Promise<void>
}

/** What every probe keeps, of sites at 127.0.0.1. */
export const healthProbeContract = (name: string, open: () => Promise<OpenedProbe>): void => {
  describe(`${name}, as every health probe`, () => {
    const closers: (() => unknown)[] = []
    afterEach(async () => {
      for (const close of closers.splice(0)) await close()
    })

    const openProbe = async (): Promise<HealthProbe & CheckProbe> => {
      const { probe, close } = await open()
      closers.push(close)
      return probe
    }
    const listening = async (server: Server) => {
      server.listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      closers.push(() => server.close())
      return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
    }
    const serve = (listener: RequestListener) => {
      const server = createServer(listener)
      closers.push(() => server.closeAllConnections())
      return listening(server)
    }

    it.each([
      [200, true],
      [204, true],
      [302, false],
      [404, false],
      [503, false],
    ])('status %i is healthy: %s', async (status, healthy) => {
      const endpoint = await serve((_, response) => response.writeHead(status, { location: '/' }).end())
      expect(await (await openProbe()).isHealthy(endpoint, '/')).toBe(healthy)
    })

    it.each([
      [{ status: 200 }, true],
      [{ status: 200, contains: 'version 2' }, true],
      [{ status: 200, contains: 'version 3' }, false],
      [{ status: 201 }, false],
      [{ status: 404 }, false],
    ])('an answer is compared with the expectation %o: %s', async (check, isMet) => {
      const endpoint = await serve(({ url }, response) =>
        response.writeHead(url === '/about' ? 200 : 500).end('version 2'),
      )
      expect(await (await openProbe()).meets(endpoint, { path: '/about', ...check })).toBe(isMet)
    })

    it('may expect an answer that is no success, and nothing of a site that does not answer', async () => {
      const endpoint = await serve((_, response) => response.writeHead(302, { location: '/login' }).end())
      const probe = await openProbe()
      expect(await probe.meets(endpoint, { path: '/', status: 302 })).toBe(true)
      expect(await probe.meets({ ...endpoint, port: 1 }, { path: '/', status: 302 })).toBe(false)
    })

    it('asks for the path it was given, on a connection of its own', async () => {
      const seen: unknown[] = []
      const endpoint = await serve((request, response) => {
        seen.push(request.method, request.url, request.headers.connection)
        response.end()
      })
      const probe = await openProbe()
      expect(await probe.isHealthy(endpoint, '/health?deep=1&all=%20+x')).toBe(true)
      expect(seen).toEqual(['GET', '/health?deep=1&all=%20+x', 'close'])
    })

    it('takes an endless answer by its status and cuts it off', async () => {
      const closed = Promise.withResolvers<string>()
      const endpoint = await serve((_, response) => {
        response.on('close', () => closed.resolve('cut off'))
        const write = setInterval(() => response.write('x'.repeat(1000)), 1)
        response.on('close', () => clearInterval(write))
      })
      expect(await (await openProbe()).isHealthy(endpoint, '/')).toBe(true)
      expect(await closed.promise).toBe('cut off')
    })

    it('takes what does not speak HTTP for not healthy', async () => {
      const endpoint = await listening(createTcpServer((socket) => socket.end('hello\r\n\r\n')))
      expect(await (await openProbe()).isHealthy(endpoint, '/')).toBe(false)
    })

    it('reports a site as unhealthy where nobody listens or the path is invalid', async () => {
      const probe = await openProbe()
      expect(await probe.isHealthy({ host: '127.0.0.1', port: 1 }, '/')).toBe(false)
      expect(await probe.isHealthy(await serve((_, response) => response.end()), '/a b\n')).toBe(false)
    })

    it('takes silence for not healthy', async () => {
      const endpoint = await serve(() => undefined)
      expect(await (await openProbe()).isHealthy(endpoint, '/')).toBe(false)
    })
  })
}
