import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { ActiveSite, ArchivedSite, SuspendedSite } from '../../core/site/site.ts'
import { createOffers } from '../../lambdas/offers/offers.ts'
import { diskShortPage, exhaustedPage, storageFullPage, uploadTooLargePage } from '../../router/admit-request.ts'
import { pageForFailure } from '../../router/attempt-failure.ts'
import { answerFieldsPage, requestFieldsPage, silentPage } from '../../router/bounds-pages.ts'
import type { SiteTerms } from '../../router/find-upstream.ts'
import { type Page, pageAnswer } from '../../router/page.ts'
import {
  diskAwayPage,
  gatePages,
  pageFor,
  pausedPages,
  refusedPage,
  restartingPage,
  unavailablePage,
  unreachablePage,
  usedEntrancePage,
} from '../../router/router-pages.ts'
import { AnswerFieldsTooLarge } from '../../router/upstream/answer-head.ts'
import { asleepPages, memoryShortPage, notWokenPage, wakesLimitedPage, wakingPage } from '../../router/waking-pages.ts'
import { activeSite, silentSites } from './sites.ts'
import { deadEndpoint, exchange, startRouter, startSite, visit } from './stage.ts'

const html = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

describe('a page in place of a site', () => {
  it.each([
    ['building', 503, 'site-building', '&lt;b&gt;Acme &amp; &quot;Söhne&quot;&lt;/b&gt; is being set up'],
    ['failed', 410, 'site-failed', 'This site could not be set up'],
    ['suspended', 503, 'site-suspended', 'This site is suspended'],
    ['archived', 503, 'site-archived', 'This site is archived'],
    ['ready', 404, 'site-unknown', 'There is no site here'],
    ['purged', 404, 'site-unknown', 'There is no site here'],
    ['unknown', 404, 'site-unknown', 'There is no site here'],
  ])('tells browsers and programs that it is %s', async (status, code, problem, title) => {
    const site = Object.entries(silentSites).find(([name]) => name === status)?.[1]
    const { port } = await startRouter({ 'acme.localhost': site })
    const page = await visit(port, { headers: html })
    expect(page.status).toBe(code)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.body).toContain(`<h1>${title}</h1>`)
    expect(page.body).not.toContain('secret-insides')
    const program = await visit(port, { headers: { accept: 'application/json' } })
    expect(program.status).toBe(code)
    expect(program.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(program.body)).toMatchObject({ type: `urn:sitewright:problem:${problem}`, status: code })
  })

  it('promises no way back to the owner of a site that an operator suspended', async () => {
    for (const site of [silentSites.suspended, silentSites.archived]) {
      const detailOf = async (shown: SuspendedSite | ArchivedSite) => {
        const { port } = await startRouter({ 'acme.localhost': shown })
        return String(JSON.parse((await visit(port, { headers: { accept: 'application/json' } })).body).detail)
      }
      expect(await detailOf({ ...site, suspendedBecause: 'trial-ended' })).toContain('The owner can')
      const withheld = await detailOf({ ...site, suspendedBecause: 'operator' })
      expect(withheld).toBe('It does not run. Only the operators of this service can resume it.')
    }
  })

  it('is German for a browser that asks for German first, and English for programs', async () => {
    const { port } = await startRouter({ 'acme.localhost': silentSites.building })
    const german = { ...html, 'accept-language': 'fr, de-AT;q=0.9, en;q=0.8' }
    const { body } = await visit(port, { headers: german })
    expect(body).toContain('<html lang="de">')
    expect(body).toContain('<h1>&lt;b&gt;Acme &amp; &quot;Söhne&quot;&lt;/b&gt; wird eingerichtet</h1>')
    expect(body).toContain('● Speicher für die Daten wird vorbereitet')
    const english = await visit(port, { headers: { ...html, 'accept-language': 'en-GB, de' } })
    expect(english.body).toContain('<html lang="en">')
    const program = await visit(port, { headers: { 'accept-language': 'de' } })
    expect(JSON.parse(program.body).title).toBe('<b>Acme & "Söhne"</b> is being set up')
  })

  it('has German texts for every state of a site, and the waking page its seconds', () => {
    const bounds = { silentMilliseconds: 60_000, fieldsBytes: 65_536 }
    const shown: readonly Page[] = [
      ...Object.values(silentSites).flatMap((site) => (site.status === 'asleep' ? [] : [pageFor(site)])),
      pageFor({ ...silentSites.suspended, suspendedBecause: 'operator' }),
      ...[pageFor({ ...silentSites.suspended, movedTo: 'https://new.example' }), pageFor(undefined)],
      ...[restartingPage, unreachablePage, usedEntrancePage, unavailablePage, memoryShortPage, notWokenPage],
      ...[uploadTooLargePage({ uploadMiB: 32 }), storageFullPage, diskShortPage, diskAwayPage],
      ...[...Object.values(pausedPages), ...Object.values(gatePages), ...Object.values(asleepPages)],
      ...(['requests', 'bandwidth', 'connections'] as const).map((what) =>
        exhaustedPage({ what, retryAfterSeconds: 1 }),
      ),
      ...[silentPage(bounds), answerFieldsPage(bounds), requestFieldsPage(bounds), wakesLimitedPage(5, '/')],
      ...[true, false].map((isRead) => wakingPage({ elapsedSeconds: 3 }, { isRead, reloads: false })),
      ...[new Error('gone'), new AnswerFieldsTooLarge('too much')].map((error) =>
        pageForFailure({ error, neverSent: false, bodyTaken: false }, { bounds } as SiteTerms, 'POST'),
      ),
      wakingPage({ elapsedSeconds: 3, expectedSeconds: 9 }, { isRead: true, reloads: true }),
    ]
    const terms = { consoleUrl: 'https://try.example.com', offers: createOffers([], 'https://try.example.com') }
    const bodies = shown.map((page) => {
      const { body } = pageAnswer(page, { headers: { ...html, 'accept-language': 'de' } }, terms)
      expect(body.toString(), page.title).toContain('<html lang="de">')
      expect(body.toString().replace(/^.*<main>|<script>.*<\/script>/gs, '')).not.toMatch(
        /\{value\}|\b(the|this|and|its)\b/i,
      )
      return body.toString()
    })
    expect(bodies.at(-1)).toContain('3 s von etwa 9 s')
    const refused = pageAnswer(
      refusedPage(400, 'One reason.'),
      { headers: { ...html, 'accept-language': 'de' } },
      terms,
    )
    expect(refused.body.toString()).toContain('<html lang="en">')
  })

  it('leads from an unknown address to a site of one’s own', async () => {
    const { port } = await startRouter({})
    expect((await visit(port, { headers: html })).body).toContain('>Start your own site</a>')
  })

  it('shows the progress of a build, and reloads without a script only where none runs', async () => {
    const { port } = await startRouter({ 'acme.localhost': silentSites.building })
    const page = await visit(port, { headers: html })
    expect(page.headers['retry-after']).toBe('2')
    expect(page.body).toContain('<noscript><meta http-equiv="refresh" content="5"></noscript>')
    expect(page.body).toMatch(/<h1>(.+)<\/h1>.*<progress aria-label="\1" max="100" value="25">/s)
    expect(page.body).toMatch(/<li class="done">.*<li class="running">.*<li class="pending">/s)
    expect(page.body).toContain('<p id="now" role="status">25 % · Starting it</p>')
    const [, script = ''] = /<script>(.*)<\/script>/s.exec(page.body) ?? []
    const hash = createHash('sha256').update(script).digest('base64')
    expect(page.headers['content-security-policy']).toContain(`; script-src 'sha256-${hash}'; connect-src 'self'; `)
    const posted = await visit(port, { method: 'POST', body: 'once', headers: html })
    expect(posted.body).not.toMatch(/refresh|<script/)
    const program = JSON.parse((await visit(port)).body)
    expect(program.progress).toMatchObject({ percent: 25, steps: [{ name: 'storage', status: 'done' }, {}, {}, {}] })
  })

  it('neither reloads nor runs a script without an operation', async () => {
    const { port } = await startRouter({})
    const { body, headers } = await visit(port, { headers: html })
    expect(body).not.toMatch(/refresh|<script/)
    expect(headers['content-security-policy']).not.toMatch(/script-src|connect-src/)
  })

  it('asks for no page of the site to learn that it is ready', async () => {
    const asked: unknown[] = []
    const { endpoint } = await startSite(({ url }, response) => void response.end(asked.push(url)))
    const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) })
    const { status, headers } = await visit(port, { path: '/.well-known/sitewright/ready' })
    expect([status, headers['cache-control'], asked]).toEqual([204, 'no-store', []])
  })

  it('is never stored or scripted, may stand in for a site in a frame, and links to the console', async () => {
    const { port } = await startRouter({})
    const { headers, body } = await visit(port, { headers: html })
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      vary: 'Accept, Accept-Language',
    })
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]+='; .*base-uri 'none'; form-action 'none'$/,
    )
    expect(body).toContain('href="http://localhost:4000/?a=1&amp;b=&quot;2&quot;"')
  })

  it('has the name of the installation where the offer has none, escaped', async () => {
    const { port } = await startRouter({}, { brand: '<Meadow>' })
    const { body } = await visit(port, { headers: html })
    expect(body).toMatch(/<header><img src="[^"]+" alt="" width="30" height="30">&lt;Meadow&gt;<\/header>/)
    const plain = await startRouter({})
    expect((await visit(plain.port, { headers: html })).body).not.toContain('<header>')
  })

  it('has headers but no body for HEAD', async () => {
    const { port } = await startRouter({})
    const { status, headers, body } = await visit(port, { method: 'HEAD', headers: html })
    expect([status, body]).toEqual([404, ''])
    expect(Number(headers['content-length'])).toBeGreaterThan(500)
  })

  it('keeps the connection usable after a request with a body', async () => {
    const { port } = await startRouter({})
    const post = 'POST / HTTP/1.1\r\nHost: acme.localhost\r\nContent-Length: 5\r\n\r\nhello'
    const get = 'GET / HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n'
    const answers = await exchange(port, post + get)
    expect(answers.match(/HTTP\/1.1 404 Not Found/g)).toHaveLength(2)
  })

  it('shows that a site without an address is starting, then the site', async () => {
    const { endpoint } = await startSite((_request, response) => void response.end('back'))
    const { endpoint: _, ...restarting } = activeSite(endpoint)
    const sites: Record<string, ActiveSite> = { 'acme.localhost': restarting }
    const { port } = await startRouter(sites)
    const page = await visit(port)
    expect(page).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
    expect(page.body).toContain('site-restarting')
    sites['acme.localhost'] = activeSite(endpoint)
    expect((await visit(port)).body).toBe('back')
  })

  it('reports our error if the directory fails', async () => {
    const { port, logged } = await startRouter(() => Promise.reject(new Error('table is away')))
    const { status, headers, body } = await visit(port)
    expect([status, headers['retry-after']]).toEqual([503, '5'])
    expect(body).not.toContain('table')
    const event = 'site-not-looked-up'
    expect(logged).toMatchObject([{ event, err: { message: 'table is away' }, hostname: 'acme.localhost' }])
  })

  it('reports our error for an unknown plan', async () => {
    const { port } = await startRouter({
      'acme.localhost': activeSite({ host: '127.0.0.1', port: 9 }, { plan: 'lost' }),
    })
    expect((await visit(port)).status).toBe(503)
  })
})

describe('a site that does not answer', () => {
  it.each(['GET', 'POST'])('is unreachable on a closed port, which no %s reached', async (method) => {
    const { port, logged } = await startRouter({ 'acme.localhost': activeSite(await deadEndpoint()) })
    const { status, body } = await visit(port, { method, headers: html })
    expect(status).toBe(502)
    expect(body).toMatch(/This site is not reachable.*try again in a moment/s)
    expect(logged).toMatchObject([{ code: 'ECONNREFUSED' }])
  })

  it('gets a timeout, then an error page', async () => {
    const { endpoint } = await startSite(() => {})
    const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) }, { responseHeaderMilliseconds: 50 })
    const { status, body } = await visit(port)
    expect(status).toBe(504)
    expect(JSON.parse(body)).toMatchObject({ type: 'urn:sitewright:problem:site-silent' })
  })

  it('is retried once at its new address if that is safe', async () => {
    const { endpoint } = await startSite((request, response) => void request.pipe(response))
    const before = activeSite(await deadEndpoint())
    const asked: unknown[] = []
    const { port } = await startRouter(async (hostname, options) => {
      if (!hostname.includes('--')) asked.push(options?.fresh)
      return options?.fresh ? activeSite(endpoint) : before
    })
    // Nothing was sent, so even a POST with a body is safe.
    const { status, body } = await visit(port, { method: 'POST', body: 'kept' })
    expect([status, body]).toEqual([200, 'kept'])
    expect(asked).toEqual([undefined, true])
  })

  it('is not retried twice', async () => {
    const dead = [await deadEndpoint(), await deadEndpoint()]
    let asked = 0
    const { port } = await startRouter(async (hostname) =>
      hostname.includes('--') ? undefined : activeSite(dead[asked++ % 2]!),
    )
    expect((await visit(port)).status).toBe(502)
    expect(asked).toBe(2)
  })

  it('shows its status when it is no longer active', async () => {
    const before = activeSite(await deadEndpoint())
    const { port } = await startRouter(async (_, options) => (options?.fresh ? silentSites.suspended : before))
    expect(JSON.parse((await visit(port)).body)).toMatchObject({ type: 'urn:sitewright:problem:site-suspended' })
  })

  it.each([
    ['GET', undefined, 200, 2],
    ['HEAD', undefined, 200, 2],
    ['POST', undefined, 502, 1],
    ['DELETE', undefined, 502, 1],
    ['GET', 'with a body', 502, 1],
  ])('is retried for %s %s only if that is safe', async (method, body, status, tries) => {
    let seen = 0
    const { endpoint } = await startSite((request, response) => {
      seen += 1
      if (seen === 1) request.once('data', () => {}).socket.destroy()
      else response.end()
    })
    const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) })
    const answer = await visit(port, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-length': `${body.length}` } }),
    })
    expect([answer.status, seen]).toEqual([status, tries])
    // Nobody should repeat by hand what was not repeated here.
    if (status === 502) {
      const advice = method === 'GET' ? 'try again in a moment.' : 'check whether it was carried out.'
      expect(JSON.parse(answer.body).detail).toMatch(new RegExp(`${advice}$`))
    }
  })

  it('is reached over a new connection after idle ones closed', async () => {
    const site = await startSite((_, response) => response.end('fine'))
    const { port } = await startRouter({ 'acme.localhost': activeSite(site.endpoint) })
    for (let round = 0; round < 5; round++) {
      expect((await visit(port)).body).toBe('fine')
      site.server.closeIdleConnections()
    }
  })

  it('gets no retry after the visitor has left', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
    const { promise: answer, resolve: give } = Promise.withResolvers<ReturnType<typeof activeSite>>()
    let seen = 0
    const site = await startSite((_, response) => {
      seen += 1
      response.end()
    })
    const { port, server } = await startRouter((hostname) => {
      if (hostname !== 'acme.localhost') return Promise.resolve(activeSite(site.endpoint))
      ask()
      return answer
    })
    const gone = httpRequest({ port, host: '127.0.0.1', headers: { host: 'acme.localhost' }, agent: false }).end()
    gone.on('error', () => {})
    const [socket] = await once(server, 'connection')
    await asked
    const closed = once(socket, 'close')
    gone.destroy()
    await closed
    give(activeSite(site.endpoint))
    expect((await visit(port, { host: 'shop.localhost' })).status).toBe(200)
    expect(seen).toBe(1)
  })
})
