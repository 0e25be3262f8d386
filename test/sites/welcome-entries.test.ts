import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newKeyPair } from './entitlement-tokens.ts'
import { spawnWelcome, startWelcome, temporaryDirectory, type WelcomeSite } from './welcome-process.ts'

const json = { 'content-type': 'application/json' }

const add = (site: WelcomeSite, text: string) =>
  fetch(`${site.url}/api/entries`, { method: 'POST', headers: json, body: JSON.stringify({ text }) })

const list = async (site: WelcomeSite, query = ''): Promise<{ entries: { text: string }[]; cursor?: string }> =>
  (await (await fetch(`${site.url}/api/entries${query}`)).json()) as { entries: { text: string }[]; cursor?: string }

let rootKey: string
beforeAll(async () => {
  rootKey = (await newKeyPair()).jwk.x ?? ''
})

describe('entries', () => {
  let site: WelcomeSite
  let resources: AsyncDisposableStack
  beforeEach(async () => {
    await using starting = new AsyncDisposableStack()
    const data = starting.use(await temporaryDirectory())
    site = starting.use(await startWelcome({ dataDirectory: data.path, rootKey }))
    resources = starting.move()
    return () => resources.disposeAsync()
  })

  test('a new entry is answered with its id, text and instant', async () => {
    const response = await add(site, 'Grüße 👋 <b>')
    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({
      id: 1,
      text: 'Grüße 👋 <b>',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
  })

  test('entries are listed newest first, a page at a time', async () => {
    for (const text of ['one', 'two', 'three']) await add(site, text)
    const first = await list(site, '?limit=2')
    expect(first.entries.map(({ text }) => text)).toEqual(['three', 'two'])
    const second = await list(site, `?limit=2&cursor=${first.cursor}`)
    expect(second.entries.map(({ text }) => text)).toEqual(['one'])
    expect(second.cursor).toBeUndefined()
  })

  test('the page shows them, escaped', async () => {
    await add(site, '<script>alert(1)</script>')
    const html = await (await fetch(site.url)).text()
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).not.toContain('<script>alert')
  })
})

describe('bad input gets the right problem', () => {
  const resources = new AsyncDisposableStack()
  let site: WelcomeSite
  beforeAll(async () => {
    const data = resources.use(await temporaryDirectory())
    site = resources.use(await startWelcome({ dataDirectory: data.path, rootKey }))
  })
  afterAll(() => resources.disposeAsync())

  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json): RequestInit => ({
    method: 'POST',
    headers,
    body,
  })
  const cases: readonly [string, number, string, RequestInit?][] = [
    ['malformed JSON', 400, '/api/entries', post('{"text":')],
    ['text that is not UTF-8', 400, '/api/entries', post(new Uint8Array([0x22, 0xff, 0x22]))],
    ['a list', 400, '/api/entries', post('[]')],
    ['null', 400, '/api/entries', post('null')],
    ['no text', 400, '/api/entries', post('{}')],
    ['a number as text', 400, '/api/entries', post('{"text":1}')],
    ['empty text', 400, '/api/entries', post('{"text":"  "}')],
    ['text over 4,000 characters', 400, '/api/entries', post(JSON.stringify({ text: 'a'.repeat(4001) }))],
    ['an unknown field', 400, '/api/entries', post('{"text":"a","colour":"red"}')],
    ['half of a surrogate pair', 400, '/api/entries', post('{"text":"\\ud800"}')],
    ['a NUL character', 400, '/api/entries', post('{"text":"a\\u0000b"}')],
    ['a body over 64 KiB', 413, '/api/entries', post(JSON.stringify({ text: 'a'.repeat(70_000) }))],
    ['a body over 8 MiB', 413, '/api/entries', post('a'.repeat(9_000_000))],
    ['a form', 415, '/api/entries', post('text=a', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['no content type', 415, '/api/entries', post(new Uint8Array([0x7b, 0x7d]), {})],
    ['a limit of nothing', 400, '/api/entries?limit=0'],
    ['a limit that is too high', 400, '/api/entries?limit=201'],
    ['a cursor that is none', 400, '/api/entries?cursor=abc'],
    ['an unknown address', 404, '/api/nothing'],
    ['a way out of the assets', 404, '/..%2fserver.ts'],
    ['a wrong method', 405, '/api/entries', { method: 'DELETE' }],
  ]
  test.each(cases)('%s', async (_, status, path, init) => {
    const response = await fetch(`${site.url}${path}`, init)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ status, detail: expect.stringMatching(/\w/) })
    expect(response.status).toBe(status)
    expect((await list(site)).entries).toEqual([])
  })

  test('a wrong field is named', async () => {
    const response = await fetch(`${site.url}/api/entries`, post('{"text":1}'))
    expect(await response.json()).toMatchObject({ errors: [{ path: 'text', message: 'must be a string' }] })
  })
})

describe('data', () => {
  test('an acknowledged entry survives kill -9', async () => {
    await using data = await temporaryDirectory()
    const acknowledged: string[] = []
    const first = await startWelcome({ dataDirectory: data.path, rootKey })
    const writer = async (name: string) => {
      for (let number = 0; ; number += 1) {
        const text = `${name} ${number}`
        const response = await add(first, text).catch(() => undefined)
        if (response?.status !== 201) return
        acknowledged.push(text)
        if (acknowledged.length === 20) void first.end('SIGKILL')
      }
    }
    await Promise.all(['a', 'b', 'c'].map(writer))
    expect((await first.end('SIGKILL')).signal).toBe('SIGKILL')

    await using second = await startWelcome({ dataDirectory: data.path, rootKey })
    const kept = (await list(second, '?limit=200')).entries.map(({ text }) => text)
    expect(acknowledged.length).toBeGreaterThanOrEqual(20)
    expect(kept).toEqual(expect.arrayContaining(acknowledged))
  })

  test('is kept without a write-ahead log, which does not work on a network file system', async () => {
    await using data = await temporaryDirectory()
    await using site = await startWelcome({ dataDirectory: data.path, rootKey })
    await add(site, 'one')
    const files = spawnSync('ls', [data.path]).stdout.toString().trim().split('\n')
    expect(files).toEqual(['entries.sqlite'])
  })
})

describe('the process', () => {
  test('ends by itself on SIGTERM, and says so', async () => {
    await using data = await temporaryDirectory()
    await using site = await startWelcome({ dataDirectory: data.path, rootKey })
    await add(site, 'one')
    const { code, output } = await site.end('SIGTERM')
    expect(code).toBe(0)
    expect(output).toContain('"message":"stopped"')
  })

  test('refuses to start without what it must be given, and names it', async () => {
    const { code, output } = await spawnWelcome({ PORT: 'x', SITEWRIGHT_ROOT_KEY: 'short' }).ended
    expect(code).toBe(1)
    for (const name of ['PORT', 'DATA_DIRECTORY', 'SITEWRIGHT_SITE_ID', 'SITEWRIGHT_ROOT_KEY']) {
      expect(output).toContain(`${name} must be`)
    }
  })

  test('refuses to start where its port is taken', async () => {
    await using data = await temporaryDirectory()
    await using site = await startWelcome({ dataDirectory: data.path, rootKey })
    const { code, output } = await spawnWelcome({
      PORT: String(site.port),
      HOST: '127.0.0.1',
      DATA_DIRECTORY: data.path,
      SITEWRIGHT_SITE_ID: 'site_mine',
      SITEWRIGHT_ROOT_KEY: rootKey,
    }).ended
    expect(code).toBe(1)
    expect(output).toContain('Cannot listen on 127.0.0.1')
  })
})
