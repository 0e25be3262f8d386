import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createSiteHooks } from '../../../adapters/http/site-hooks.ts'
import { createRouterHooks, hookPath, hookToken } from '../../../adapters/router-probe/router-hooks.ts'
import { type HookCall, maxAnswered } from '../../../core/ports/hooks.ts'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import { createRelayHook } from '../../../router/router-self.ts'
import { activeSite } from '../../router/sites.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { listening } from '../../support/listening.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

const listen = async (handle: RequestListener) => {
  const server = createServer(handle)
  servers.push(server)
  return { host: '127.0.0.1', port: await listening(server) }
}

const call: HookCall = {
  siteUrl: 'https://acme.sites.example',
  path: '/hooks/owner?x=1',
  idempotencyKey: 'handover-site_1',
  token: 'a-token',
  body: '{"email":"ada@example.com","name":"Ada Lövelace"}',
}

const handedOver = (site: ActiveSite): ActiveSite => {
  const at = '2026-03-01T12:00:00.000Z'
  return { ...site, operation: { id: 'handover-site-1', kind: 'handover', fence: 1, startedAt: at, requestedAt: at } }
}

const secret = 'what we know each other by'

/** Longer than a busy machine takes for an answer. */
const patient = 60_000

/** Calls hooks through a router whose directory says `found`. */
const throughRouter = async (
  found: () => Site | undefined,
  options: { secret?: string; now?: () => number; timeoutMilliseconds?: number } = {},
) => {
  const { timeoutMilliseconds = patient } = options
  const log = recordingLog()
  const relay = createRelayHook(
    { probeSecret: secret },
    {
      directory: { find: async (hostname) => (hostname === 'acme.localhost' ? found() : undefined) },
      log,
      hooks: createSiteHooks({ timeoutMilliseconds }),
    },
  )
  const { port } = await listen((request, response) => void relay(request, response))
  const hooks = createRouterHooks({
    routerUrl: `http://127.0.0.1:${port}`,
    secret: async () => options.secret ?? secret,
    log,
    ...(options.now === undefined ? {} : { now: options.now }),
  })
  return { hooks, log, port }
}

const ways = {
  directly: async (_: ActiveSite, timeoutMilliseconds = patient) => createSiteHooks({ timeoutMilliseconds }),
  'through a router': async (site: ActiveSite, timeoutMilliseconds = patient) =>
    (await throughRouter(() => site, { timeoutMilliseconds })).hooks,
}

describe.each(Object.entries(ways))('the hook of a site, called %s', (_, open) => {
  const siteThat = async (handle: RequestListener) => handedOver(activeSite(await listen(handle)))

  it('gets the body, the key and the token', async () => {
    const seen: {
      method?: string | undefined
      url?: string | undefined
      headers: IncomingHttpHeaders
      body: string
    }[] = []
    const site = await siteThat(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      seen.push({ method: request.method, url: request.url, headers: request.headers, body })
      response.writeHead(201).end('made')
    })
    expect(await (await open(site)).call(site, call)).toEqual({ status: 201, text: 'made' })
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: call.path,
        body: call.body,
        headers: {
          host: 'acme.sites.example',
          'x-forwarded-host': 'acme.sites.example',
          'x-forwarded-proto': 'https',
          'content-type': 'application/json',
          'idempotency-key': call.idempotencyKey,
          authorization: 'Bearer a-token',
          'x-sitewright-hook': 'hand-over',
        },
      },
    ])
  })

  it('is followed to no other address', async () => {
    const asked: string[] = []
    const other = await listen((_request, response) => {
      asked.push('other')
      response.end()
    })
    const site = await siteThat((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${other.port}/` }).end()
    })
    expect(await (await open(site)).call(site, call)).toMatchObject({ status: 307 })
    expect(asked).toEqual([])
  })

  it('is cut where its answer is long', async () => {
    const site = await siteThat((_request, response) => void response.writeHead(500).end('x'.repeat(1_000_000)))
    expect(await (await open(site)).call(site, call)).toEqual({ status: 500, text: 'x'.repeat(maxAnswered) })
  })

  it('says why there is no answer', async () => {
    const silent = await siteThat(() => {})
    expect(await (await open(silent, 300)).call(silent, call)).toEqual({ failure: 'silent' })
    const broken = await siteThat((request) => void request.socket.destroy())
    expect(await (await open(broken)).call(broken, call)).toEqual({ failure: 'broken' })
    const { endpoint: _endpoint, ...stopped } = broken
    expect(await (await open(stopped)).call(stopped, call)).toEqual({ failure: 'refused' })
    const gone = handedOver(activeSite({ host: '127.0.0.1', port: 1 }))
    expect(await (await open(gone)).call(gone, call)).toEqual({ failure: 'refused' })
  })
})

describe('the address of a hook', () => {
  it('is asked no more once another process may listen there', async () => {
    const asked: string[] = []
    const endpoint = await listen((_request, response) => {
      asked.push('asked')
      response.end()
    })
    const site = handedOver(activeSite(endpoint))
    for (const locate of [async () => undefined, async () => ({ host: '127.0.0.1', port: 9 })]) {
      expect(await createSiteHooks({ locate }).call(site, call)).toEqual({ failure: 'refused' })
    }
    expect(asked).toEqual([])
    expect(await createSiteHooks({ locate: async () => endpoint }).call(site, call)).toMatchObject({ status: 200 })
  })
})

describe('a router that calls hooks', () => {
  const asking = async () => {
    const asked: string[] = []
    const endpoint = await listen((_request, response) => {
      asked.push('asked')
      response.end()
    })
    return { asked, site: handedOver(activeSite(endpoint)) }
  }

  it.each<[string, (site: ActiveSite) => Site | undefined]>([
    ['that is not being handed over', ({ operation: _, ...site }) => site],
    ['that is of another site', (site) => ({ ...site, id: 'site_01jq3v5k8m0000000000000009' })],
    ['that is gone', () => undefined],
  ])('calls none %s', async (_, changed) => {
    const { asked, site } = await asking()
    const { hooks, log } = await throughRouter(() => changed(site))
    expect(await hooks.call(site, call)).toEqual({ failure: 'unknown' })
    expect(log.lines).toMatchObject([{ fields: { status: 409 } }])
    expect(asked).toEqual([])
  })

  it.each([
    ['another secret', { secret: 'guessed' }],
    ['a question of yesterday', { now: () => Date.now() - 86_400_000 }],
    ['a question of tomorrow', { now: () => Date.now() + 86_400_000 }],
  ])('calls none for %s', async (_, options) => {
    const { asked, site } = await asking()
    const { hooks, log } = await throughRouter(() => site, options)
    expect(await hooks.call(site, call)).toEqual({ failure: 'unknown' })
    expect(log.lines).toMatchObject([{ fields: { status: 403 } }])
    expect(asked).toEqual([])
  })

  it.each<[string, (question: string) => { body: string; token?: string }]>([
    ['no token', (body) => ({ body })],
    ['a changed body', (body) => ({ body: body.replace('acme', 'beta'), token: hookToken(body, secret) })],
    [
      'an address',
      (body) => {
        const own = body.replace('"siteId"', '"host":"10.0.0.1","siteId"')
        return { body: own, token: hookToken(own, secret) }
      },
    ],
    [
      'too much',
      () => {
        const own = 'x'.repeat(20_000)
        return { body: own, token: hookToken(own, secret) }
      },
    ],
  ])('refuses a question with %s', async (_, forge) => {
    const { asked, site } = await asking()
    const { port } = await throughRouter(() => site)
    const expires = Math.floor(Date.now() / 1000) + 30
    const { body, token } = forge(JSON.stringify({ siteId: site.id, hostname: 'acme.localhost', expires, call }))
    const answer = await fetch(`http://127.0.0.1:${port}${hookPath}`, {
      method: 'POST',
      body,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    expect(answer.status).toBe(403)
    expect(asked).toEqual([])
  })

  it('logs nothing of what it sends', async () => {
    const { site } = await asking()
    const { hooks, log } = await throughRouter(() => site, { secret: 'guessed' })
    await hooks.call(site, call)
    expect(JSON.stringify(log.lines)).not.toContain('ada@example.com')
  })
})
