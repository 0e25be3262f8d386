import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey } from '../../adapters/entitlement/root-signer.ts'
import { probeToken } from '../../adapters/router-probe/router-probe.ts'
import type { RouterParts } from '../../cloud/router/router-parts.ts'
import { startRouter } from '../../cloud/router/start-router.ts'
import { followRouterSettings, packRouterSettings, type RouterSettings } from '../../cloud/router-settings.ts'
import type { UsageReport } from '../../lambdas/reports/usage/ports.ts'
import config from '../../sitewright.config.ts'
import { activeSite, plans } from '../router/sites.ts'
import { openSocket, readAll, startSite, visit } from '../router/stage.ts'
import { noOffers } from '../support/no-offers.ts'
import { samplePolicies } from '../support/sample-policy.ts'
import { waitFor } from '../support/wait-for.ts'

const host = 'acme.example.net'

const atRest: RouterSettings = {
  plans,
  offers: noOffers,
  policies: samplePolicies,
  clients: config.clients,
  sleep: config.sleep,
  consoleUrl: 'https://try.example.com',
  sitesDomain: 'example.net',
  renew: async () => {},
}

/** A router of the cloud before one site, with a world that the test plays. */
const stage = async (
  listener: RequestListener,
  {
    isAway = () => false,
    longestDrainMilliseconds = 5000,
    quietMilliseconds = 150,
    originSecrets = () => ['what CloudFront shows'],
    settings = atRest,
  }: {
    isAway?: () => boolean
    longestDrainMilliseconds?: number
    quietMilliseconds?: number
    originSecrets?: () => readonly string[]
    settings?: RouterSettings
  } = {},
) => {
  const site = await startSite(listener)
  const root = createRootSigner(generateRootKey())
  const logged: string[] = []
  const reports: UsageReport[] = []
  const line = ({ event }: { event?: string }) => logged.push(event ?? '')
  const parts: RouterParts = {
    findByHostname: async (hostname) => {
      if (isAway()) throw new Error('the store is away')
      return hostname === host ? activeSite(site.endpoint, { hostname: host }) : undefined
    },
    ...createEntitlementKeys({ root, clock: () => new Date().toISOString() }),
    entrances: { use: async () => undefined },
    usage: { addToHour: async (report) => void reports.push(report), addToDay: async () => {} },
    wall: () => new Date().toISOString(),
    probeSecret: async () => 'what we know each other by',
    originSecrets: async () => originSecrets(),
    settings,
    blueprints: { get: async () => undefined },
    wakes: { wake: async () => ({ outcome: 'refused' }) },
    log: { info: line, warn: line, error: line },
  }
  const times = { longestDrainMilliseconds, quietMilliseconds, retryMilliseconds: 20, refreshMilliseconds: 20 }
  const options = { parts, port: 0, ...times }
  const { port, stop } = await startRouter(options)
  let stopped: Promise<void> | undefined
  const stopOnce = () => {
    stopped ??= stop()
    return stopped
  }
  onTestFinished(stopOnce)
  const check = async () => (await visit(port, { host: `10.0.3.7:${port}`, path: '/healthz' })).status
  return { site, port, stop: stopOnce, check, logged, reports }
}

const serving = async (...given: Parameters<typeof stage>) => {
  const staged = await stage(...given)
  await waitFor(async () => (await staged.check()) === 200)
  return staged
}

const hello: RequestListener = (_, response) => response.end('hello')

describe('the load balancer', () => {
  it('is told 503 until the store has been reached, and 200 from then on, store or not', async () => {
    let isAway = true
    const { check, port, logged } = await stage(hello, { isAway: () => isAway })
    expect(await check()).toBe(503)
    expect((await visit(port, { host })).status).toBe(503)
    isAway = false
    await waitFor(async () => (await check()) === 200)
    expect((await visit(port, { host })).body).toBe('hello')
    isAway = true
    expect(await check()).toBe(200)
    expect(logged[0]).toBe('router-not-serving')
  })

  it('asks under an address; a site keeps its own /healthz', async () => {
    const { port } = await serving((request, response) => response.end(`the site's ${request.url}`))
    expect(await visit(port, { host, path: '/healthz' })).toMatchObject({ status: 200, body: "the site's /healthz" })
    expect((await visit(port, { host: 'nobody.example.net', path: '/healthz' })).status).toBe(404)
    expect((await visit(port, { host: '10.0.3.7', path: '/' })).status).toBe(404)
  })

  it('may keep a connection for longer than it does', async () => {
    const { port } = await serving(hello)
    const { headers } = await visit(port, { host, headers: { connection: 'keep-alive' } })
    expect(headers['keep-alive']).toBe('timeout=965')
  })
})

describe('a site behind the load balancer', () => {
  it('gets a visitor from the headers of the load balancer, and HTTPS', async () => {
    const { port, reports, stop } = await serving(({ headers }, response) => response.end(JSON.stringify(headers)))
    const headers = { 'x-forwarded-for': '198.51.100.9, 203.0.113.7', 'x-forwarded-proto': 'http' }
    const told = JSON.parse((await visit(port, { host, headers })).body)
    expect(told).toMatchObject({
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-sitewright-entitlement': expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    await stop()
    expect(reports.map(({ usage }) => usage.requests)).toEqual([0, 1])
  })

  it('serves its content at a hostname below the same wildcard', async () => {
    const { port } = await serving(({ headers }, response) => response.end(JSON.stringify(headers)))
    const headersAt = async (asked: string) => JSON.parse((await visit(port, { host: asked })).body)
    expect(await headersAt('acme--content.example.net')).toMatchObject({
      'x-sitewright-purpose': 'content',
      'x-forwarded-host': 'acme--content.example.net',
      'x-forwarded-proto': 'https',
    })
    const { 'x-sitewright-entitlement': token } = await headersAt(host)
    expect(decodeJwt(token)).toMatchObject({ facts: { origins: { content: 'https://acme--content.example.net' } } })
  })

  it.each(['', 'unknown', '203.0.113.7, made-up'])('sees the connection for X-Forwarded-For: %s', async (given) => {
    const { port } = await serving(({ headers }, response) => response.end(headers['x-real-ip']))
    expect((await visit(port, { host, headers: { 'x-forwarded-for': given } })).body).toBe('127.0.0.1')
  })

  it('gets a visitor from the headers of CloudFront, also during a rotation of its secret', async () => {
    let known: readonly string[] | undefined = ['the old one']
    const originSecrets = () => {
      if (known === undefined) throw new Error('nobody answers')
      return known
    }
    const { port } = await serving(({ headers }, response) => response.end(headers['x-real-ip']), { originSecrets })
    const seen = async (shown: string) => {
      const headers = { 'x-sitewright-origin': shown, 'cloudfront-viewer-address': '203.0.113.7:4711' }
      return (await visit(port, { host, headers })).body
    }
    expect([await seen('the old one'), await seen('the new one')]).toEqual(['203.0.113.7', '127.0.0.1'])
    known = undefined
    await pause(60)
    expect(await seen('the old one')).toBe('203.0.113.7')
    known = ['the new one', 'the old one']
    await waitFor(async () => (await seen('the new one')) === '203.0.113.7')
    expect(await seen('the old one')).toBe('203.0.113.7')
    known = ['the new one']
    await waitFor(async () => (await seen('the old one')) === '127.0.0.1')
  })

  it('has what its plan says as soon as the configuration has changed, without another router', async () => {
    const featuring = (features: string[]) =>
      packRouterSettings(
        { ...config, plans: config.plans.map((plan) => ({ ...plan, features })) },
        config.stages['production']!,
      )
    let text = featuring(['entries'])
    const log = { info: () => {}, warn: () => {} }
    const settings = await followRouterSettings(async () => text, log)
    const { port } = await serving(({ headers }, response) => response.end(JSON.stringify(headers)), { settings })
    const features = async () =>
      decodeJwt(JSON.parse((await visit(port, { host })).body)['x-sitewright-entitlement'])['features']
    expect(await features()).toEqual(['entries'])
    text = featuring(['entries', 'scorm'])
    await waitFor(async () => JSON.stringify(await features()) === '["entries","scorm"]')
  })

  it("is probed for those who know the router's secret, at the router's own name", async () => {
    const { site, port } = await serving((request, response) => {
      response.writeHead(request.url === '/well' ? 204 : 500).end()
    })
    const asked = async (path: string, secret: string) => {
      const question = { ...site.endpoint, path, expires: Math.floor(Date.now() / 1000) + 30 }
      const query = new URLSearchParams(
        Object.entries(question).map(([name, value]): [string, string] => [name, `${value}`]),
      )
      const headers = { authorization: `Bearer ${probeToken(question, secret)}` }
      return (await visit(port, { host: 'router.example.net', path: `/probe?${query}`, headers })).status
    }
    expect(await asked('/well', 'what we know each other by')).toBe(204)
    expect(await asked('/ill', 'what we know each other by')).toBe(503)
    expect(await asked('/well', 'a guess')).toBe(403)
  })
})

describe('a router that is told to end', () => {
  it('fails the check, serves visitors that still come, lets them end, and asks nobody to stay', async () => {
    let held: ServerResponse | undefined
    const { port, stop, check } = await serving((request, response) => {
      if (request.url !== '/slow') return response.end('hello')
      response.write('begun, ')
      held = response
      return response
    })
    const slow = visit(port, { host, path: '/slow', headers: { connection: 'keep-alive' } })
    await waitFor(async () => held)
    let hasEnded = false
    const stopped = stop().then(() => {
      hasEnded = true
    })
    await waitFor(async () => (await check()) === 503)
    const late = await visit(port, { host, headers: { connection: 'keep-alive' } })
    expect(late).toMatchObject({ status: 200, body: 'hello', headers: { connection: 'close' } })
    // Longer than it has to be quiet.
    await pause(300)
    expect(hasEnded).toBe(false)
    held?.end('ended')
    expect(await slow).toMatchObject({ status: 200, body: 'begun, ended' })
    await stopped
    await expect(visit(port, { host })).rejects.toThrow('ECONNREFUSED')
  })

  it.each([
    ['an answered request', `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['an answered request and half of the next', `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\nGET / HTTP/1.1\r\n`],
  ])('does not wait for a connection with %s', async (_what, sent) => {
    const { port, stop } = await serving(hello)
    const visitor = await openSocket(port)
    visitor.write(sent)
    await once(visitor, 'data')
    const ended = readAll(visitor).catch(() => undefined)
    await stop()
    await ended
    expect(visitor.readableEnded || visitor.destroyed).toBe(true)
  })

  it.each([
    ['an event stream', ''],
    ['a WebSocket', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
  ])('leaves %s its time, and then cuts it off', async (_what, fields) => {
    const { site, port, stop } = await serving((_, response) => response.write('for ever'), {
      longestDrainMilliseconds: 500,
      quietMilliseconds: 10,
    })
    site.server.on('upgrade', (_, socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    })
    const visitor = await openSocket(port)
    visitor.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`)
    await once(visitor, 'data')
    const ended = readAll(visitor).catch(() => undefined)
    const stopped = stop()
    // Longer than it has to be quiet.
    await pause(150)
    expect(visitor.readableEnded || visitor.destroyed).toBe(false)
    await stopped
    await ended
    expect(visitor.readableEnded || visitor.destroyed).toBe(true)
  })

  it('ends at once while it has not begun to serve', async () => {
    const patience = { longestDrainMilliseconds: 60_000, quietMilliseconds: 60_000 }
    const { stop, check } = await stage(hello, { isAway: () => true, ...patience })
    expect(await check()).toBe(503)
    await stop()
    await expect(check()).rejects.toThrow('ECONNREFUSED')
  })
})
