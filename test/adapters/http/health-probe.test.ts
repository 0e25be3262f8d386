import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const serve = async (listener: RequestListener) => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

test.each([
  [200, true],
  [204, true],
  [302, false],
  [404, false],
  [503, false],
])('status %i is healthy: %s', async (status, healthy) => {
  const endpoint = await serve((_, response) => response.writeHead(status, { location: '/' }).end())
  expect(await createHealthProbe().isHealthy(endpoint, '/')).toBe(healthy)
})

test('it asks for the path it was given, on a connection of its own', async () => {
  const seen: unknown[] = []
  const endpoint = await serve((request, response) => {
    seen.push(request.url, request.headers.connection)
    response.end()
  })
  await createHealthProbe().isHealthy(endpoint, '/health?deep=1')
  expect(seen).toEqual(['/health?deep=1', 'close'])
})

test('an endless answer counts by its status and is cut off', async () => {
  const closed = Promise.withResolvers<string>()
  const endpoint = await serve((_, response) => {
    response.on('close', () => closed.resolve('cut off'))
    const write = setInterval(() => response.write('x'.repeat(1000)), 1)
    response.on('close', () => clearInterval(write))
  })
  expect(await createHealthProbe().isHealthy(endpoint, '/')).toBe(true)
  expect(await closed.promise).toBe('cut off')
})

test('silence is not healthy', async () => {
  const endpoint = await serve(() => undefined)
  expect(await createHealthProbe({ timeoutMilliseconds: 30 }).isHealthy(endpoint, '/')).toBe(false)
})

test('what does not speak HTTP is not healthy', async () => {
  const server = createTcpServer((socket) => socket.end('hello\r\n\r\n')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closers.push(() => server.close())
  const endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  expect(await createHealthProbe().isHealthy(endpoint, '/')).toBe(false)
})

test('nobody listening, or a path that cannot be asked for, is not healthy', async () => {
  const probe = createHealthProbe()
  expect(await probe.isHealthy({ host: '127.0.0.1', port: 1 }, '/')).toBe(false)
  expect(await probe.isHealthy(await serve((_, response) => response.end()), '/a b\n')).toBe(false)
})
