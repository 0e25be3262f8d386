import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createNetServer, Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { loosely } from '../../../core/loosely.ts'
import type { UsageReport } from '../../../lambdas/reports/usage/ports.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import { wakeAnswerSchema } from '../../../lambdas/sleep/sleep-policy.ts'
import { peerAddress, peerConnection } from '../../../local/gateway/peer-address.ts'
import { openHostEndpoint } from '../../../local/routers/host-endpoint.ts'
import { openHostLink } from '../../../local/routers/host-link.ts'
import { foundSchema, routesSocket, sentUsage, termsSchema } from '../../../local/routers/protocol.ts'
import { createConsoleRelay } from '../../../local/routers/relay-console.ts'
import config from '../../../sitewright.config.ts'
import { type Call, call } from '../../e2e/call.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { listening } from '../../support/listening.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { waitFor } from '../../support/wait-for.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const terms = {
  port: 4000,
  listen: '127.0.0.1',
  consoleUrl: 'http://localhost:4000',
  isPublic: false,
  proxies: [],
  clients: config.clients,
  plans: config.plans,
  trialPolicies: config.trialPolicies,
  offers: config.offers,
  rootPublicKey: 'key',
  visitorSecret: 'salt',
  usageSeconds: 20,
  crawlers: [],
  monitors: [],
  limitLoopback: false,
}
const { id: siteId } = siteSamples.active

let cleanup: AsyncDisposableStack
let directory: string
let host: Awaited<ReturnType<typeof openHostEndpoint>>

const openHost = () => openHostEndpoint({ directory, terms, log })

beforeEach(async () => {
  cleanup = new AsyncDisposableStack()
  directory = cleanup.use(await temporaryDirectory()).path
  host = await openHost()
  cleanup.defer(() => host.close())
})

afterEach(() => cleanup.disposeAsync())

const openRouter = async (open = 0) => {
  const forgotten: unknown[] = []
  const link = openHostLink({
    directory,
    handlers: { forget: (id) => void forgotten.push(id), openRequests: () => open },
    onTerms: () => undefined,
  })
  cleanup.defer(link.end)
  const relay = createConsoleRelay({ directory, link, bodyIdleMilliseconds: 1000 })
  cleanup.defer(relay.close)
  const server = createServer((request, response) => void relay.relay(request, response))
  const port = await listening(server)
  cleanup.defer(() => void server.close())
  await link.untilBack()
  return { forgotten, link, port, ask: (asked: Call) => call({ port }, asked) }
}

const answerWith = (seen: string[]) => async (request: IncomingMessage, response: ServerResponse, hostname: string) => {
  seen.push(`${request.method} ${hostname}${request.url} from ${peerAddress(request)}`)
  response.end(JSON.stringify(request.headers))
}

it('says what to do about a file system without sockets', async () => {
  const refused = Object.assign(new Error('listen ENOTSUP: operation not supported on socket'), { code: 'ENOTSUP' })
  vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (this: Server) {
    process.nextTick(() => this.emit('error', refused))
    return this
  })
  await expect(openHost()).rejects.toThrow(
    `${directory} is on a file system without Unix sockets, such as a drive of Windows in WSL; move it to one of Linux, or set SITEWRIGHT_HOME`,
  )
})

it('serves the console through a router, which says who asks and believes no visitor about it', async () => {
  const { ask } = await openRouter()
  const seen: string[] = []
  host.serve(answerWith(seen))
  const connection = 'close, X-Forwarded-For, Sec-Fetch-Site, Origin, X-Own'
  const trusted = { 'x-forwarded-for': '10.0.0.2', 'sec-fetch-site': 'cross-site', origin: 'https://example.com' }
  const forged = { 'x-sitewright-peer': '10.0.0.1', 'x-sitewright-peer-connection': '1 2 10.0.0.1' }
  const headers = { ...forged, 'x-own': '1', ...trusted, connection }
  const { json } = await ask({ path: '/v1/health?x=1', headers })
  expect(seen).toEqual(['GET localhost/v1/health?x=1 from 127.0.0.1'])
  expect(json).toMatchObject(trusted)
  expect(json).not.toHaveProperty('x-own')
  for (const name of Object.keys(forged)) expect(json).not.toHaveProperty(name)
})

it('refuses TRACE with the methods that it passes on', async () => {
  const { ask } = await openRouter()
  const { status, headers } = await ask({ method: 'TRACE', path: '/v1/health' })
  expect([status, headers['allow']]).toEqual([405, expect.stringMatching(/^GET, HEAD, /)])
})

it("learns the ends of a visitor's connection from a router", async () => {
  const { ask, port } = await openRouter()
  const seen: unknown[] = []
  host.serve(async (request, response) => {
    seen.push(peerConnection(request))
    response.end()
  })
  await ask({ path: '/' })
  expect(seen).toEqual([
    { remote: { address: '127.0.0.1', port: expect.any(Number) }, local: { address: '127.0.0.1', port } },
  ])
})

it('listens for its own user alone', async () => {
  for (const name of ['routes.sock', 'console.sock']) {
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
  }
})

it('holds requests until the host serves, and while it stops and starts', async () => {
  const { ask } = await openRouter()
  const seen: string[] = []
  const early = ask({ path: '/early' })
  host.serve(answerWith(seen))
  expect((await early).status).toBe(200)
  await host.hold()
  const held = ask({ method: 'POST', path: '/held', body: { some: 'body' } })
  await host.close()
  host = await openHost()
  host.serve(answerWith(seen))
  expect((await held).status).toBe(200)
  expect(seen).toEqual(['GET localhost/early from 127.0.0.1', 'POST localhost/held from 127.0.0.1'])
})

it('believes a host that serves since it answered the first question', async () => {
  await host.close()
  const answer = { id: 1, result: { terms, isServing: false } }
  const since = { id: 1, call: 'serving', argument: true }
  const server = createNetServer((socket) => {
    socket.once('data', () => socket.write(`${JSON.stringify(answer)}\n${JSON.stringify(since)}\n`))
  })
  await once(server.listen(join(directory, routesSocket)), 'listening')
  cleanup.defer(() => void server.close())
  const { link } = await openRouter()
  const serves = link.untilServing()
  link.endWaits()
  expect(await serves).toBe(true)
})

it('repeats a GET that the host broke off, and no POST', async () => {
  const { ask } = await openRouter()
  const seen: string[] = []
  host.serve(async (request, response) => {
    seen.push(request.method ?? '')
    if (seen.filter((method) => method === request.method).length === 1) response.destroy()
    else response.end('answered')
  })
  expect((await ask({ path: '/' })).text).toBe('answered')
  const refused = await ask({ method: 'POST', path: '/', body: {} })
  expect(refused).toMatchObject({ status: 503, json: { type: 'urn:sitewright:problem:unavailable' } })
  expect(seen).toEqual(['GET', 'GET', 'POST'])
})

it('says what is wrong with a request where the host is there', async () => {
  const { port } = await openRouter()
  host.serve(async (request, response) => void request.resume().once('end', () => response.end()))
  const stalled = request({ port, method: 'POST', headers: { 'content-length': 10 } })
  stalled.on('error', () => undefined).write('half')
  const [{ statusCode }] = (await once(stalled, 'response')) as [IncomingMessage]
  expect(statusCode).toBe(408)
  stalled.destroy()
})

it('has all routers forget a changed site before it says so', async () => {
  const routers = [await openRouter(), await openRouter()]
  await host.forget(siteId, true)
  expect(routers.map(({ forgotten }) => forgotten)).toEqual([[siteId], [siteId]])
})

it('repeats a call that may be made twice where the host ends', async () => {
  const { link } = await openRouter()
  const signed = link.callRepeatable('hello', undefined, z.object({ isServing: z.boolean() }))
  await host.close()
  host = await openHost()
  expect(await signed).toEqual({ isServing: false })
})

it('reads the terms and sites of another version, and notices each difference', async () => {
  const later = { ...terms, added: 1, clients: { ...terms.clients, added: 2 } }
  await host.close()
  host = await openHostEndpoint({ directory, terms: later, log })
  const got: unknown[] = []
  const link = openHostLink({ directory, handlers: {}, onTerms: (given) => void got.push(given) })
  cleanup.defer(link.end)
  expect(await link.untilBack()).toBe(true)
  expect(got).toEqual([later])
  expect(loosely(termsSchema).parse(later)).toEqual(terms)
  const site = { ...siteSamples.active, added: 3 }
  const disk = { isDiskShort: false, isDiskAway: false }
  expect(foundSchema.parse({ site, ...disk, added: 4 })).toEqual({ site: siteSamples.active, ...disk })
  expect(() => loosely(termsSchema).parse({ added: 1 })).toThrow('port')
})

it('adds up the open requests of all routers, also where one has just gone', async () => {
  const endpoint = { host: '127.0.0.1', port: 1 }
  expect(await host.openRequests.at(endpoint)).toBe(0)
  const first = await openRouter(2)
  await openRouter(3)
  expect(await host.openRequests.at(endpoint)).toBe(5)
  first.link.end()
  await waitFor(async () => (await host.openRequests.at(endpoint)) === 3)
})

it('answers what routers ask once the store is open', async () => {
  const { link } = await openRouter()
  const found = link.call('find', 'ada.localhost', z.object({ site: z.unknown(), isDiskShort: z.boolean() }))
  host.answer({
    sites: { findByHostname: async () => siteSamples.active },
    entrances: { use: async () => undefined },
    blueprints: { get: async () => undefined },
    usage: { addToDay: async () => undefined, addToHour: async () => undefined },
    root: { sign: async (content) => content },
    wake: async () => ({ outcome: 'waking' }),
    cells: { isShort: () => true, isThere: () => true },
  })
  expect(await found).toEqual({ site: siteSamples.active, isDiskShort: true })
  const call = { siteId, isDeliberate: false }
  expect(await link.callHeld('wake', call, wakeAnswerSchema)).toEqual({ outcome: 'waking' })
  await expect(link.call('drop everything', undefined, z.unknown())).rejects.toThrow('no handler is called')
})

it('stores the product events that a router counted', async () => {
  const { link } = await openRouter()
  const reports: UsageReport[] = []
  host.answer({
    sites: { findByHostname: async () => undefined },
    entrances: { use: async () => undefined },
    blueprints: { get: async () => undefined },
    usage: { addToDay: async () => undefined, addToHour: async (report) => void reports.push(report) },
    root: { sign: async (content) => content },
    wake: async () => ({ outcome: 'waking' }),
    cells: { isShort: () => false, isThere: () => true },
  })
  const at = '2026-11-21T22:05:00.000Z'
  const usages = [noUsage(), { ...noUsage(), productEvents: new Map([['course.created', 3]]) }]
  const flush = { router: 'a', number: 1 }
  for (const usage of usages) await link.call('addToHour', { siteId, at, usage: sentUsage(usage), flush }, z.unknown())
  expect(reports).toEqual(usages.map((usage) => ({ siteId, at, usage, flush })))
})
