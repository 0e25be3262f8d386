import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ActiveSite, Site } from '../../core/site/site.ts'
import type { UsageReport } from '../../lambdas/reports/usage/ports.ts'
import { createPausedSites } from '../../router/paused-sites.ts'
import { waitFor } from '../support/wait-for.ts'
import { activeSite, copying, pausedSite, plansWith, silentSites } from './sites.ts'
import { exchange, startRouter, startSite, visit } from './stage.ts'

const html = { accept: 'text/html' }

const echo = () => startSite((request, response) => void request.pipe(response))

/** A router before a directory that says what a test has written into it. */
const stage = async (options: Parameters<typeof startRouter>[1] = {}) => {
  const { endpoint } = await echo()
  const running = activeSite(endpoint)
  const played: { site: Site | undefined; checks: number } = { site: pausedSite(running), checks: 0 }
  const router = await startRouter(
    async () => {
      played.checks += 1
      return played.site
    },
    { pollMilliseconds: 20, ...options },
  )
  return { ...router, played, running }
}

describe('a request to a site that is paused for a copy', () => {
  it('waits and is answered after the pause, including its body', async () => {
    const { port, played, running, logged } = await stage()
    const bodies = Array.from({ length: 20 }, (_, number) => `body ${number}`)
    const begunAt = performance.now()
    const asked = bodies.map((body) => visit(port, { method: 'POST', body }))
    await sleep(300)
    const before = played.checks
    const waited = performance.now() - begunAt
    played.site = running
    const answers = await Promise.all(asked)
    expect(answers.map(({ status, body }) => [status, body])).toEqual(bodies.map((body) => [200, body]))
    // Each request checks as it comes, and then all of them share one check after the other.
    expect(before).toBeLessThanOrEqual(20 + waited / 20)
    expect(logged).toEqual([])
  })

  it('counts the time of its site alone', async () => {
    const reports: UsageReport[] = []
    const store = { addToHour: async (report: UsageReport) => void reports.push(report), addToDay: async () => {} }
    let time = 0
    const { port, receives, router, played, running } = await stage({
      usage: { store, visitorSecret: 'secret', router: 'a' },
      now: () => time,
    })
    const asked = visit(port)
    await receives(1)
    time = 20_000
    played.site = running
    await asked
    await router.close(0)
    const [fast] = reports.at(-1)?.usage.latency ?? []
    expect(fast).toBe(1)
  })

  it('gets 503 after the longest wait', async () => {
    const { port } = await stage({ longestHoldMilliseconds: 60 })
    const begunAt = performance.now()
    const page = await visit(port, { headers: html })
    expect(performance.now() - begunAt).toBeGreaterThanOrEqual(59)
    expect(page).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(page.body).toContain('This site is being copied')
    expect(page.body).not.toContain('send it again')
    expect(page.body).toMatch(/<progress aria-label="This site is being copied"><\/progress>.*<script>/s)
    expect((await visit(port)).body).not.toMatch(/<progress|<script/)
    const post = { method: 'POST', body: 'lost' }
    expect((await visit(port, { ...post, headers: html })).body).not.toMatch(/<progress|<script|http-equiv/)
    const posted = await visit(port, post)
    expect(JSON.parse(posted.body).detail).toMatch(/What you sent was not received: send it again in a moment\.$/)
  })

  it('gets a status page if the site does not return', async () => {
    const { port, receives, played } = await stage()
    const asked = visit(port)
    await receives(1)
    played.site = silentSites.suspended
    expect(JSON.parse((await asked).body)).toMatchObject({ type: 'urn:sitewright:problem:site-suspended' })
  })

  it('counts as a connection of the plan', async () => {
    const { port, receives, played, running } = await stage({ plans: plansWith({ connections: 2 }) })
    const held = [visit(port), visit(port)]
    await receives(2)
    expect((await visit(port)).status).toBe(429)
    played.site = running
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200])
  })

  it('is dropped when its visitor leaves', async () => {
    const { port, receives, played, running, server } = await stage({ plans: plansWith({ connections: 1 }) })
    const gone = httpRequest({ port, host: '127.0.0.1', headers: { host: 'acme.localhost' }, agent: false }).end()
    gone.on('error', () => {})
    const [{ socket }] = (await once(server, 'request')) as [IncomingMessage]
    gone.destroy()
    await once(socket, 'close')
    const next = visit(port)
    await receives(2)
    played.site = running
    expect((await next).status).toBe(200)
  })

  it('waits even if the pause shows only after a failed attempt', async () => {
    const { endpoint } = await echo()
    const running = activeSite(endpoint)
    const dead = activeSite({ host: '127.0.0.1', port: 1 })
    let fresh = 0
    const { port } = await startRouter(
      async (_, options) => {
        if (options?.fresh) return pausedSite(running)
        fresh += 1
        return fresh === 1 ? dead : running
      },
      { pollMilliseconds: 20 },
    )
    expect(await visit(port, { method: 'POST', body: 'kept' })).toMatchObject({ status: 200, body: 'kept' })
  })

  it('waits as an upgrade too', async () => {
    const { port, receives, played, running } = await stage()
    const asked = exchange(
      port,
      'GET /ws HTTP/1.1\r\nHost: acme.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    await receives(1)
    played.site = running
    // The site knows no upgrade, and answers as to any request.
    expect(await asked).toMatch(/^HTTP\/1\.1 200 OK/)
  })

  it('is answered when the router ends', async () => {
    const { port, receives, router } = await stage()
    const asked = visit(port)
    await receives(1)
    await router.close(0)
    expect((await asked).status).toBe(503)
  })

  it('does not wait for a site that is starting', async () => {
    const { port, played, running } = await stage()
    const { endpoint: _, ...restarting } = running
    played.site = { ...restarting, operation: copying }
    const [page, posted] = [await visit(port), await visit(port, { method: 'POST', body: 'lost' })]
    expect(JSON.parse(page.body)).toMatchObject({ type: 'urn:sitewright:problem:site-restarting' })
    expect([page, posted].map(({ body }) => body.includes('send it again'))).toEqual([false, true])
  })
})

describe('a request to a site that gets another size', () => {
  const { archiveId: _, generation: __, ...every } = copying
  const resizing = { ...every, kind: 'upgrade', target: { size: { cpu: 1, memoryMiB: 2048, processes: 512 } } } as const
  const resizingSite = (site: ActiveSite): ActiveSite => {
    const { endpoint: ___, ...kept } = site
    return { ...kept, operation: resizing }
  }

  it('reaches the site while it has an address, otherwise waits', async () => {
    const { port, receives, played, running } = await stage()
    played.site = { ...running, operation: resizing }
    expect((await visit(port, { method: 'POST', body: 'before' })).body).toBe('before')
    played.site = resizingSite(running)
    await sleep(1000)
    const asked = visit(port, { method: 'POST', body: 'held' })
    await receives(2)
    played.site = running
    expect(await asked).toMatchObject({ status: 200, body: 'held' })
  })

  it('gets 503 after the longest wait', async () => {
    const { port, played, running } = await stage({ longestHoldMilliseconds: 60 })
    played.site = resizingSite(running)
    const page = await visit(port, { headers: { accept: 'text/html' } })
    expect(page).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(page.body).toContain('The size of this site changes')
  })
})

describe('the running requests of a site', () => {
  it('count until they are answered', async () => {
    let answer: (() => void) | undefined
    const { endpoint } = await startSite((_, response) => {
      answer = () => void response.end('at last')
    })
    const { port, router } = await startRouter({ 'acme.localhost': activeSite(endpoint) })
    expect(router.openRequests(endpoint)).toBe(0)
    const asked = [visit(port)]
    const end = await waitFor(() => answer)
    expect(router.openRequests(endpoint)).toBe(1)
    end()
    await Promise.all(asked)
    await waitFor(() => router.openRequests(endpoint) === 0)
  })
})

describe('the wait for a paused site', () => {
  const visitor = { destroyed: false, once: () => undefined, off: () => undefined }

  it('continues while the directory fails, and is measured', async () => {
    const lines: object[] = []
    let checks = 0
    const running = activeSite({ host: '127.0.0.1', port: 1 })
    const paused = createPausedSites({
      directory: {
        find: async () => {
          checks += 1
          if (checks < 4) throw new Error('the table is away')
          return running
        },
      },
      log: { info: (fields) => void lines.push(fields), warn: () => {}, error: () => {} },
      pollMilliseconds: 20,
    })
    expect(await Promise.all([paused.wait('acme.localhost', visitor), paused.wait('acme.localhost', visitor)])).toEqual(
      ['over', 'over'],
    )
    expect(lines).toMatchObject([{ hostname: 'acme.localhost', held: 2, isOver: true }])
    expect((lines[0] as { heldMilliseconds: number }).heldMilliseconds).toBeGreaterThanOrEqual(75)
    expect(checks).toBe(4)
  })

  it('is limited per site', async () => {
    const paused = createPausedSites({
      directory: { find: async () => pausedSite(activeSite({ host: '127.0.0.1', port: 1 })) },
      log: { info: () => {}, warn: () => {}, error: () => {} },
      pollMilliseconds: 5,
      longestMilliseconds: 40,
      atMost: 1,
    })
    const first = paused.wait('acme.localhost', visitor)
    expect(await paused.wait('acme.localhost', visitor)).toBe('too-many')
    expect(await Promise.all([first, paused.wait('shop.localhost', visitor)])).toEqual(['too-long', 'too-long'])
  })

  it('holds a second client where the first has taken all places', async () => {
    const visitor = { destroyed: false, once: () => undefined, off: () => undefined }
    const paused = createPausedSites({
      directory: { find: async () => pausedSite(activeSite({ host: '127.0.0.1', port: 1 })) },
      log: { info: () => {}, warn: () => {}, error: () => {} },
      pollMilliseconds: 10,
      longestMilliseconds: 60,
      atMost: 4,
      roomForOthers: 1,
    })
    const wait = (client: string) => paused.wait('acme.localhost', visitor, client)
    const greedy = Array.from({ length: 5 }, () => wait('192.0.2.1'))
    const others = [wait('192.0.2.2'), wait('192.0.2.2'), wait('192.0.2.2')]
    expect(await Promise.all(greedy)).toEqual([...Array.from({ length: 4 }, () => 'too-long'), 'too-many'])
    expect(await Promise.all(others)).toEqual(['too-long', 'too-long', 'too-many'])
  })

  it('stops look-ups when no request waits', async () => {
    let checks = 0
    const paused = createPausedSites({
      directory: {
        find: async () => {
          checks += 1
          return pausedSite(activeSite({ host: '127.0.0.1', port: 1 }))
        },
      },
      log: { info: () => {}, warn: () => {}, error: () => {} },
      pollMilliseconds: 10,
      longestMilliseconds: 25,
    })
    await paused.wait('acme.localhost', visitor)
    await sleep(20)
    const before = checks
    await sleep(60)
    expect(checks).toBe(before)
  })
})
