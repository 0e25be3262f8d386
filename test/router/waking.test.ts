import { describe, expect, it } from 'vitest'
import type { ActiveSite, AsleepSite, Site } from '../../core/site/site.ts'
import { entrancePath } from '../../lambdas/operators/entrance/entrance.ts'
import type { WakeAnswer, WakeCall } from '../../lambdas/sleep/sleep-policy.ts'
import { waitFor } from '../support/wait-for.ts'
import { activeSite, pausedSite, plansWith } from './sites.ts'
import { exchange, startRouter, startSite, visit } from './stage.ts'

const browser = { accept: 'text/html,*/*', 'user-agent': 'Mozilla/5.0 Firefox/130.0' }

const asleepSite = ({ endpoint: _, ...site }: ActiveSite): AsleepSite => ({
  ...site,
  status: 'asleep',
  asleepSince: '2026-03-01T12:00:00.000Z',
})

/** A router before a site that sleeps; `wake` lets it answer. */
const stage = async (
  answerOf: (call: WakeCall) => WakeAnswer | Promise<WakeAnswer> = () => ({ outcome: 'waking' }),
  options: Parameters<typeof startRouter>[1] = {},
) => {
  const { endpoint } = await startSite((request, response) => void request.pipe(response))
  const running = activeSite(endpoint)
  const played: { site: Site; calls: WakeCall[]; address: string } = {
    site: asleepSite(running),
    calls: [],
    address: '198.51.100.1',
  }
  let found = 0
  const find = async () => {
    found += 1
    return played.site
  }
  const started = await startRouter(find, {
    pollMilliseconds: 10,
    visitorAddressOf: () => played.address,
    wakes: {
      wake: async (call) => {
        played.calls.push(call)
        return answerOf(call)
      },
      clientSecret: 'secret',
      limitLoopback: true,
    },
    ...options,
  })
  const wake = (): void => {
    played.site = running
  }
  const sleepAgain = (): void => {
    played.site = asleepSite(running)
  }
  /** Waits until the router has asked so often for a wake. */
  const asks = (count: number) => waitFor(() => played.calls.length >= count)
  /** Waits until the router has found the site as it is now. */
  const checks = async () => {
    const before = found
    await waitFor(() => found >= before + 2)
  }
  return { ...started, played, asks, checks, wake, sleepAgain }
}

describe('a visitor of a site that sleeps', () => {
  it('wakes it once with all others, and each is answered with what they sent', async () => {
    const { port, played, receives, asks, wake } = await stage()
    const bodies = Array.from({ length: 20 }, (_, number) => `body ${number}`)
    const asked = bodies.map((body) => visit(port, { method: 'POST', body }))
    await Promise.all([receives(20), asks(1)])
    wake()
    expect((await Promise.all(asked)).map(({ status, body }) => [status, body])).toEqual(
      bodies.map((body) => [200, body]),
    )
    expect(played.calls).toHaveLength(1)
    // The address itself is told to nobody.
    expect(played.calls[0]).toEqual({ siteId: played.site.id, isDeliberate: false, client: expect.any(String) })
    expect(JSON.stringify(played.calls)).not.toContain('198.51')
  })

  it('is held without another call if it wakes already', async () => {
    const { port, played, receives, wake } = await stage(() => ({ outcome: 'limited', retryAfterSeconds: 30 }))
    const at = '2026-03-01T13:00:00.000Z'
    const operation = { id: 'wake-site-1', kind: 'wake', fence: 1, startedAt: at, requestedAt: at } as const
    played.site = { ...(played.site as AsleepSite), operation }
    const asked = visit(port)
    await receives(1)
    wake()
    expect((await asked).status).toBe(200)
    expect(played.calls).toEqual([])
  })

  it('wakes it by an upgrade', async () => {
    const { port, played, asks, wake } = await stage()
    const asked = exchange(
      port,
      'GET /ws HTTP/1.1\r\nHost: acme.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    await asks(1)
    wake()
    expect(await asked).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(played.calls).toHaveLength(1)
  })

  it('is let in by an entrance at once, which would end while the site wakes', async () => {
    const used: string[] = []
    const viewer = { role: 'owner', personId: 'prsn_01jq3v5k8m0000000000000000', email: 'ada@example.com' } as const
    const { port, played, asks, wake } = await stage(undefined, {
      entrances: { use: async ({ siteId }) => (used.push(siteId) === 1 ? viewer : undefined) },
    })
    const path = `${entrancePath}${'T'.repeat(43)}`
    const entered = await visit(port, { path, headers: browser })
    expect(entered).toMatchObject({ status: 303, headers: { location: '/' } })
    expect(used).toEqual([played.site.id])
    const [cookie = ''] = entered.headers['set-cookie'] ?? []
    const asked = visit(port, { headers: { ...browser, cookie: cookie.split(';')[0] ?? '' } })
    await asks(1)
    wake()
    expect((await asked).status).toBe(200)
    expect((await visit(port, { path, headers: browser })).status).toBe(410)
  })

  it('wakes it if it fell asleep since the router looked', async () => {
    const { port, played, asks, wake } = await stage()
    const { site } = played
    let checks = 0
    Object.defineProperty(played, 'site', {
      get: () => {
        checks += 1
        return checks === 1 ? activeSite({ host: '127.0.0.1', port: 1 }) : site
      },
      set: (value) => Object.defineProperty(played, 'site', { value }),
      configurable: true,
    })
    const asked = visit(port, { method: 'POST', body: 'kept' })
    await asks(1)
    wake()
    expect(await asked).toMatchObject({ status: 200, body: 'kept' })
  })

  it.each([
    [{ outcome: 'no-memory' }, 503, 'memory-short'],
    [{ outcome: 'refused' }, 503, 'site-asleep'],
    [{ outcome: 'limited', retryAfterSeconds: 30 }, 429, 'wakes-limited'],
  ] as const)('is told why it does not wake: %o', async (answer, status, problem) => {
    const { port } = await stage(() => answer)
    const page = await visit(port)
    expect([page.status, JSON.parse(page.body).type]).toEqual([status, `urn:sitewright:problem:${problem}`])
    expect(page.headers).toHaveProperty('retry-after')
  })

  it('is told so if nothing can wake it', async () => {
    const failing = await stage(() => Promise.reject(new Error('away')))
    expect((await visit(failing.port)).status).toBe(503)
    const { endpoint } = await startSite(() => {})
    const { port } = await startRouter({ 'acme.localhost': asleepSite(activeSite(endpoint)) })
    expect((await visit(port)).status).toBe(503)
  })

  it('is told so when the wake fails, and the next one wakes it again', async () => {
    const { port, played, asks, checks } = await stage()
    const { site } = played
    const startedAt = '2026-03-01T12:00:00.000Z'
    const operation = { kind: 'wake', fence: 1, startedAt, requestedAt: startedAt } as const
    const held = visit(port)
    await asks(1)
    played.site = { ...site, operation } as AsleepSite
    await checks()
    played.site = site
    expect((await held).body).toContain('could not be started')
    const next = visit(port)
    await asks(2)
    played.site = { ...site, operation } as AsleepSite
    await checks()
    played.site = site
    expect((await next).status).toBe(503)
  })

  it('holds no more connections than the plan', async () => {
    const { port, asks, wake } = await stage(undefined, { plans: plansWith({ connections: 1 }) })
    const held = visit(port)
    await asks(1)
    expect((await visit(port)).status).toBe(429)
    wake()
    expect((await held).status).toBe(200)
  })
})

describe('a wake that takes longer than visitors are held', () => {
  const slow = { longestHoldMilliseconds: 60 }

  it('shows a browser a page that reloads, and tells programs when to come again', async () => {
    const { port } = await stage(undefined, slow)
    const page = await visit(port, { path: '/a?b=1', headers: browser })
    expect([page.status, page.headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)])
    expect(page.body).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>')
    const program = await visit(port)
    const { type, detail } = JSON.parse(program.body)
    expect(type).toBe('urn:sitewright:problem:site-waking')
    expect(detail).not.toContain('sent')
    expect(Number(program.headers['retry-after'])).toBeGreaterThan(0)
  })

  it.each([
    ['is paused for a copy', pausedSite, 'copied'],
    ['restarts', ({ endpoint: _, ...site }: ActiveSite): ActiveSite => site, 'starting'],
  ])('goes on to the page of a site that then %s, which opens it too', async (_, become, said) => {
    const { port, played, asks, wake } = await stage(undefined, { longestHoldMilliseconds: 500 })
    const asked = visit(port, { headers: browser })
    await asks(1)
    wake()
    played.site = become(played.site as ActiveSite)
    const pages = [await asked, await visit(port, { headers: browser })]
    for (const { body } of pages) expect(body).toMatch(/<progress[^>]*><\/progress>.*<script>/s)
    expect(pages.at(-1)?.body).toContain(said)
    wake()
    expect((await visit(port, { headers: browser })).status).toBe(200)
  })

  it('lets no page repeat what a browser posted', async () => {
    const { port } = await stage(undefined, slow)
    const page = await visit(port, { method: 'POST', body: 'once', headers: browser })
    expect(page.status).toBe(503)
    expect(page.body).toContain('send it again')
    expect(page.body).not.toMatch(/http-equiv|<script/)
  })

  it('shows the page at once after wakes that took so long, with their time', async () => {
    const clock = { now: 0 }
    const { port, asks, wake, sleepAgain } = await stage(undefined, {
      now: () => clock.now,
      longestHoldMilliseconds: 5000,
    })
    const first = visit(port)
    await asks(1)
    clock.now = 40_000
    wake()
    expect((await first).status).toBe(200)
    sleepAgain()
    clock.now = 50_000
    const page = await visit(port, { headers: browser })
    clock.now = 62_000
    const later = await visit(port, { headers: browser })
    expect([page.body, later.body].map((body) => /(\d+) s of about (\d+) s/.exec(body)?.slice(1))).toEqual([
      ['1', '40'],
      ['12', '40'],
    ])
    expect(later.body).toContain('value="30"')
    wake()
    expect((await visit(port, { headers: browser })).status).toBe(200)
  })
})

it('measures wakes of dormant sites apart, which take as long as builds', async () => {
  const clock = { now: 0 }
  const { port, played, wake, sleepAgain } = await stage(undefined, {
    now: () => clock.now,
    longestHoldMilliseconds: 60,
  })
  const at = async (seconds: number) => {
    clock.now = seconds * 1000
    return (await visit(port, { headers: browser })).body
  }
  const becomeDormant = (): void => {
    played.site = { ...(played.site as AsleepSite), dormantSince: '2026-03-04T12:00:00.000Z' }
  }
  await at(0)
  wake()
  await at(4)
  sleepAgain()
  becomeDormant()
  expect(await at(10)).not.toMatch(/s of about/)
  await at(66)
  wake()
  await at(70)
  sleepAgain()
  expect(await at(80)).toMatch(/s of about 4 s/)
  wake()
  await at(84)
  sleepAgain()
  becomeDormant()
  expect(await at(90)).toMatch(/s of about 60 s/)
})

it('measures a wake by the page that asks again, from its own begin', async () => {
  const clock = { now: 0 }
  const { port, wake, sleepAgain } = await stage(undefined, { now: () => clock.now, longestHoldMilliseconds: 60 })
  const at = async (seconds: number) => {
    clock.now = seconds * 1000
    return visit(port, { headers: browser })
  }
  // This wake fails, and nobody asks again for minutes.
  await at(0)
  await at(300)
  await at(302)
  wake()
  expect((await at(304)).status).toBe(200)
  sleepAgain()
  expect((await at(310)).body).toMatch(/s of about 4 s/)
})

it('measures no wake whose end nobody saw', async () => {
  const clock = { now: 0 }
  const { port, wake, sleepAgain } = await stage(undefined, { now: () => clock.now, longestHoldMilliseconds: 60 })
  await visit(port, { headers: browser })
  wake()
  clock.now = 500_000
  expect((await visit(port)).status).toBe(200)
  sleepAgain()
  clock.now = 510_000
  expect((await visit(port, { headers: browser })).body).not.toMatch(/s of about/)
})

describe('crawlers and monitors of a site that sleeps', () => {
  it('do not wake it', async () => {
    const { port, played } = await stage()
    const crawler = await visit(port, { headers: { 'user-agent': 'Googlebot/2.1' } })
    expect([crawler.status, crawler.headers['retry-after']]).toEqual([503, '3600'])
    const monitor = await visit(port, { headers: { 'user-agent': 'UptimeRobot/2.0' } })
    expect([monitor.status, JSON.parse(monitor.body).title]).toEqual([200, 'This site is asleep'])
    expect(monitor.body).not.toContain('healthy')
    expect(played.calls).toEqual([])
  })

  it('wake it by what they send, which it receives, and by an upgrade', async () => {
    const { port, played, asks, wake, sleepAgain } = await stage()
    const posted = visit(port, { method: 'POST', body: 'paid', headers: { 'user-agent': 'Checkly/1.0' } })
    await asks(1)
    wake()
    expect(await posted).toMatchObject({ status: 200, body: 'paid' })
    sleepAgain()
    const fields = 'Host: acme.localhost\r\nUser-Agent: somebot/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket'
    const opened = exchange(port, `GET /ws HTTP/1.1\r\n${fields}\r\n\r\n`)
    await asks(2)
    wake()
    expect(await opened).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(played.calls).toHaveLength(2)
  })

  it('reach it while it runs', async () => {
    const { port, wake } = await stage()
    wake()
    expect((await visit(port, { headers: { 'user-agent': 'Googlebot/2.1' } })).status).toBe(200)
  })
})

describe('the limit of wakes', () => {
  const limited = ({ client, isDeliberate }: WakeCall): WakeAnswer =>
    isDeliberate || client === undefined ? { outcome: 'waking' } : { outcome: 'limited', retryAfterSeconds: 30 }

  it('gives a browser a button that wakes the site and opens the same URL', async () => {
    const { port, played, wake } = await stage(limited)
    const page = await visit(port, { path: '/a?b=1&c=%22', headers: browser })
    const action = /<form method="post" action="([^"]+)">/.exec(page.body)?.[1] ?? ''
    expect(page.status).toBe(429)
    expect(page.headers['content-security-policy']).toContain("form-action 'self'; frame-ancestors 'none'")
    expect(page.headers['referrer-policy']).toBe('same-origin')
    const headers = { ...browser, 'sec-fetch-site': 'same-origin' }
    const pushed = await visit(port, { method: 'POST', path: action, headers })
    expect([pushed.status, pushed.headers.location]).toEqual([303, '/a?b=1&c=%22'])
    expect(played.calls.at(-1)).toEqual({ siteId: played.site.id, isDeliberate: true, client: expect.any(String) })
    wake()
    expect((await visit(port, { method: 'POST', path: action, headers: browser })).status).toBe(303)
  })

  it.each([
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://acme.localhost:4000' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: 'http://other.localhost:4000' }, false],
    [{ origin: 'null' }, false],
    [{}, false],
    [{ origin: 'http://acme.localhost:4000' }, true],
  ])('counts a button as a visit if its page may not have sent it: %o', async (fields, isOwn) => {
    const { port, played } = await stage(limited)
    const headers = { ...browser, ...fields }
    const { status } = await visit(port, { method: 'POST', path: '/.well-known/sitewright/wake', headers })
    expect([status, played.calls.map(({ isDeliberate }) => isDeliberate)]).toEqual([isOwn ? 303 : 429, [isOwn]])
  })

  it('does not let a button pass the limits of the plan', async () => {
    const { port, asks, wake } = await stage(undefined, { plans: plansWith({ connections: 1 }) })
    const held = visit(port)
    await asks(1)
    const headers = { ...browser, 'sec-fetch-site': 'same-origin' }
    const pushed = await visit(port, { method: 'POST', path: '/.well-known/sitewright/wake', headers })
    expect(pushed.status).toBe(429)
    wake()
    expect((await held).status).toBe(200)
  })

  it.each(['//evil.example', 'https://evil.example/', '/x/..//evil.example', '/\\evil.example', 'a', '%0d%0a'])(
    'opens this site by a button, whatever it says: %s',
    async (to) => {
      const { port, wake } = await stage()
      wake()
      const path = `/.well-known/sitewright/wake?to=${encodeURIComponent(to)}`
      expect((await visit(port, { method: 'POST', path })).headers.location).toBe('/')
    },
  )

  it('asks once for each client, for some seconds', async () => {
    const { port, played } = await stage(limited)
    await visit(port)
    await visit(port)
    played.address = '198.51.100.2'
    await visit(port)
    expect(new Set(played.calls.map(({ client }) => client)).size).toBe(2)
    expect(played.calls).toHaveLength(2)
  })

  it('asks once for a client whose visits come together', async () => {
    const { port, played, receives } = await stage(async () => {
      await receives(2)
      return { outcome: 'limited', retryAfterSeconds: 30 }
    })
    const pages = await Promise.all([visit(port), visit(port)])
    expect(pages.map(({ status }) => status)).toEqual([429, 429])
    expect(played.calls).toHaveLength(1)
  })

  it('of one client does not hold another', async () => {
    const answered = Promise.withResolvers<void>()
    const { port, played, receives, asks, wake } = await stage(async ({ client }) => {
      await answered.promise
      return client === first ? { outcome: 'limited', retryAfterSeconds: 30 } : { outcome: 'waking' }
    })
    let first: string | undefined
    const one = visit(port)
    await asks(1)
    first = played.calls[0]?.client
    played.address = '198.51.100.2'
    const other = visit(port)
    await receives(2)
    answered.resolve()
    expect((await one).status).toBe(429)
    await asks(2)
    wake()
    expect((await other).status).toBe(200)
  })
})
