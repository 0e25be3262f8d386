import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { CheckProbe, HealthProbe } from '../../../core/ports/probes.ts'
import { listening } from '../../support/listening.ts'

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
    const listen = async (server: Server) => {
      const port = await listening(server)
      closers.push(() => server.close())
      return { host: '127.0.0.1', port }
    }
    const serve = (listener: RequestListener) => {
      const server = createServer(listener)
      closers.push(() => server.closeAllConnections())
      return listen(server)
    }

    it.each([
      [200, true],
      [204, true],
      [302, true],
      [399, true],
      [404, false],
      [503, false],
    ])('status %i is healthy: %s', async (status, healthy) => {
      const endpoint = await serve((_, response) => response.writeHead(status, { location: '/' }).end())
      expect(await (await openProbe()).isHealthy(endpoint, { healthPath: '/' })).toBe(healthy)
    })

    it('is healthy at the status that the blueprint names, and at no other', async () => {
      const endpoint = await serve((_, response) => response.writeHead(401).end())
      const probe = await openProbe()
      expect(await probe.isHealthy(endpoint, { healthPath: '/', healthStatus: 401 })).toBe(true)
      expect(await probe.isHealthy(endpoint, { healthPath: '/', healthStatus: 200 })).toBe(false)
    })

    it.each([
      [{ status: 200 }, true],
      [{ status: 200, contains: 'version 2' }, true],
      [{ status: 200, contains: 'version 3' }, false],
      [{ status: 200, notContains: 'version 3' }, true],
      [{ status: 200, notContains: 'version 2' }, false],
      [{ status: 200, contains: 'version', notContains: 'error' }, true],
      [{ status: 201 }, false],
      [{ status: 404 }, false],
    ])('an answer is compared with the expectation %o: %s', async (check, isMet) => {
      const endpoint = await serve(({ url }, response) =>
        response.writeHead(url === '/about' ? 200 : 500).end('version 2'),
      )
      expect(await (await openProbe()).meets(endpoint, { path: '/about', ...check })).toBe(isMet)
    })

    it('sends the headers of a check', async () => {
      const endpoint = await serve(({ headers }, response) =>
        response.writeHead(headers['x-role'] === 'a & "b"' ? 200 : 401).end(),
      )
      const probe = await openProbe()
      expect(await probe.meets(endpoint, { path: '/', status: 200 })).toBe(false)
      expect(await probe.meets(endpoint, { path: '/', status: 200, headers: { 'x-role': 'a & "b"' } })).toBe(true)
    })

    it('asks as over HTTPS, so that no product only redirects it there, unless a check says otherwise', async () => {
      const endpoint = await serve(({ headers }, response) => {
        const isTls = headers['x-forwarded-proto'] === 'https'
        response.writeHead(isTls ? 200 : 301, { location: 'https://127.0.0.1/up' }).end()
      })
      const probe = await openProbe()
      expect(await probe.isHealthy(endpoint, { healthPath: '/up', healthStatus: 200 })).toBe(true)
      expect(await probe.meets(endpoint, { path: '/up', status: 200 })).toBe(true)
      const headers = { 'X-Forwarded-Proto': 'http' }
      expect(await probe.meets(endpoint, { path: '/up', status: 301, headers })).toBe(true)
    })

    const form = '<h1>Create the first administrator</h1><input type="password">'
    const app = '<div id="app"></div>'
    const strangersSee: readonly [string, Readonly<Record<string, string | readonly [string]>>, boolean][] = [
      ['a sign-in', { '/': '<form>Sign in <input type="password"></form>' }, true],
      ['a set-up page', { '/': '<h1>Welcome</h1>', '/setup': '<h1>Set up</h1>' }, false],
      ['a way to a form for the first administrator', { '/': ['/start'], '/start': form }, false],
      [
        'a way to the address of a set-up',
        { '/': ['https://site.example/install?step=1'], '/install?step=1': app },
        false,
      ],
      [
        'the same page of scripts everywhere',
        { '/': app, '/admin/setup': app, '/admin/no-such-page-of-any-product': app },
        true,
      ],
      ['the state of a product that is set up', { '/': app, '/server/info': '{"data":{"setupCompleted":true}}' }, true],
      ['the state of a product that is not', { '/': app, '/server/info': '{"data":{"setupCompleted":false}}' }, false],
      ['redirects for ever', { '/': ['/'] }, true],
    ]
    it.each(strangersSee)('tells whether strangers could set a site up: %s', async (_, pages, isMet) => {
      const endpoint = await serve(({ url = '', headers }, response) => {
        const page = headers.host === 'site.example' ? pages[url] : undefined
        if (page === undefined) response.writeHead(404).end()
        else if (typeof page === 'string') response.end(page)
        else response.writeHead(302, { location: page[0] }).end()
      })
      const check = { path: '/', status: 200, strangersAt: 'site.example' }
      expect(await (await openProbe()).meets(endpoint, check)).toBe(isMet)
      expect(await (await openProbe()).meets({ ...endpoint, port: 1 }, check)).toBe(false)
    })

    it('takes no page that the blueprint names for one that sets a site up, and every other', async () => {
      const endpoint = await serve(({ url = '' }, response) => response.writeHead(url === '/setup' ? 200 : 404).end())
      const meets = async (publicPages: readonly string[]) =>
        (await openProbe()).meets(endpoint, { path: '/', status: 200, strangersAt: 'site.example', publicPages })
      expect(await meets(['/register', '/setup'])).toBe(true)
      expect(await meets(['/register'])).toBe(false)
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
      expect(await probe.isHealthy(endpoint, { healthPath: '/health?deep=1&all=%20+x' })).toBe(true)
      expect(seen).toEqual(['GET', '/health?deep=1&all=%20+x', 'close'])
    })

    it('takes an endless answer by its status and cuts it off', async () => {
      const closed = Promise.withResolvers<string>()
      const endpoint = await serve((_, response) => {
        response.on('close', () => closed.resolve('cut off'))
        const write = setInterval(() => response.write('x'.repeat(1000)), 1)
        response.on('close', () => clearInterval(write))
      })
      expect(await (await openProbe()).isHealthy(endpoint, { healthPath: '/' })).toBe(true)
      expect(await closed.promise).toBe('cut off')
    })

    it('takes what does not speak HTTP for not healthy', async () => {
      const endpoint = await listen(createTcpServer((socket) => socket.end('hello\r\n\r\n')))
      expect(await (await openProbe()).isHealthy(endpoint, { healthPath: '/' })).toBe(false)
    })

    it('reports a site as unhealthy where nobody listens or the path is invalid', async () => {
      const probe = await openProbe()
      expect(await probe.isHealthy({ host: '127.0.0.1', port: 1 }, { healthPath: '/' })).toBe(false)
      expect(await probe.isHealthy(await serve((_, response) => response.end()), { healthPath: '/a b\n' })).not.toBe(
        true,
      )
    })

    it('takes silence for not healthy', async () => {
      const endpoint = await serve(() => undefined)
      expect(await (await openProbe()).isHealthy(endpoint, { healthPath: '/' })).toBe(false)
    })
  })
}
