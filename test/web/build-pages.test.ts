import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { contentSecurityPolicy } from '../../lambdas/_runtime/browser-headers.ts'
import { chooseLanguage, createStaticFiles } from '../../local/gateway/static-files.ts'
import config from '../../sitewright.config.ts'
import { buildPages } from '../../web/build/build-pages.ts'
import { pageSettings } from '../../web/build/page-settings.ts'
import { served } from '../local/served.ts'

const [settings] = pageSettings({ config, sitesDomain: 'localhost', blueprints: [] })
const web = join(import.meta.dirname, '../../web')
let directory: string
const run = promisify(execFile)

beforeAll(async () => {
  directory = await buildPages([{ ...settings, brand: '</script><b>A & B' }])
})

/** The size of the scripts that a page loads first, with brotli. */
const scriptBytes = async (page: string): Promise<number> => {
  const html = await readFile(join(directory, page), 'utf8')
  const loaded = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path = '']) => path)
  const queue = [...new Set(loaded)]
  let bytes = 0
  for (const path of queue) {
    bytes += (await readFile(join(directory, `${path}.br`))).length
    const text = await readFile(join(directory, path), 'utf8')
    for (const [, name = ''] of text.matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)) {
      if (!queue.includes(`/assets/${name}`)) queue.push(`/assets/${name}`)
    }
  }
  return bytes
}

describe('the built pages', () => {
  it('are built in a folder whose name has characters of addresses', async () => {
    await using made = await mkdtempDisposable(join(tmpdir(), 'sitewright #1%20? '))
    const module = JSON.stringify(new URL('../../web/build/bundle.ts', import.meta.url).href)
    // By Node itself: the loader of tests knows no such names.
    const script = `const { loadFirstScreens } = await import(${module})
      process.stdout.write(typeof (await loadFirstScreens(process.argv[1])))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, made.path])
    expect(stdout).toBe('function')
  })

  it('load at most 90 KB of scripts for sign-up', async () => {
    const bytes = await scriptBytes('index.de.html')
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThanOrEqual(90_000)
  })

  it('load at most 220 KB of scripts for operators', async () => {
    const bytes = await scriptBytes('operator/index.de.html')
    expect(bytes).toBeGreaterThan(80_000)
    expect(bytes).toBeLessThanOrEqual(220_000)
  })

  it('load at most 200 KB of scripts for owners', async () => {
    const bytes = await scriptBytes('sites/index.de.html')
    expect(bytes).toBeGreaterThan(80_000)
    expect(bytes).toBeLessThanOrEqual(200_000)
  })

  it('hold the first screen, the settings as text, and no inline script or style', async () => {
    const html = await readFile(join(directory, 'index.en.html'), 'utf8')
    expect(html).toContain('action="/v1/signups/form?language=en"')
    expect(html).not.toContain('<b>A & B')
    expect(html).not.toMatch(/<style|style="|<script>/)
    const [, json = ''] = /id="settings">(.*?)<\/script>/.exec(html) ?? []
    expect(JSON.parse(json).brand).toBe('</script><b>A & B')
  })

  it('have one box where terms and marketing apply: the button accepts the terms', async () => {
    const built = await buildPages([{ ...settings, legal: { terms: 'https://example.com/terms' } }])
    const html = await readFile(join(built, 'index.en.html'), 'utf8')
    expect(html.match(/type="checkbox"/g)).toHaveLength(1)
    expect(html).toContain('<input type="hidden" name="acceptedTerms" value="on"/>')
    expect(html).toMatch(/If you continue, you accept the .*>terms of use</)
    expect(await readFile(join(directory, 'index.en.html'), 'utf8')).not.toContain('acceptedTerms')
  })

  it('are built once for the same sources and settings', async () => {
    const before = await readdir(directory)
    expect(await buildPages([{ ...settings, brand: '</script><b>A & B' }], [join(directory, '..')])).toBe(directory)
    expect(await readdir(directory)).toEqual(before)
  })
})

test('the styles that React Aria adds are those that the policy allows', async () => {
  const root = join(createRequire(import.meta.url).resolve('react-aria/package.json'), '..')
  const read = (path: string) => readFile(join(root, 'dist/private', path), 'utf8')
  const styleIn = (source: string): string => (/textContent = `([^`]*)`\.trim\(\)/.exec(source)?.[1] ?? '').trim()
  const press = styleIn(await read('interactions/usePress.mjs')).replace(/\$\{[^}]*\}/, 'data-react-aria-pressable')
  const scroll = styleIn(await read('overlays/usePreventScroll.mjs'))
  for (const style of [press, scroll]) {
    expect(style).toContain('@layer')
    expect(contentSecurityPolicy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`)
  }
  expect(contentSecurityPolicy).not.toContain('unsafe')
})

describe('the language of a page', async () => {
  const code = await readFile(join(import.meta.dirname, '../../lib/constructs/front/choose-page.js'), 'utf8')
  const inCloudFront = (uri: string, cookie: string, accepted: string, query?: string) => {
    const request = {
      uri,
      rawQueryString: () => query,
      cookies: cookie === '' ? {} : { language: { value: cookie.replace('language=', '') } },
      headers: accepted === '' ? {} : { 'accept-language': { value: accepted } },
    }
    const context = createContext({ event: { request } })
    return runInContext(`${code}; handler(event)`, context)
  }

  it.each([
    ['', '', 'en'],
    ['', 'de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['', 'fr, de;q=0.5', 'de'],
    ['', 'fr', 'en'],
    ['language=en', 'de', 'en'],
    ['language=xx', 'de', 'de'],
  ])('cookie %j and browser %j: %s, in both worlds', (cookie, accepted, language) => {
    expect(chooseLanguage({ cookie, 'accept-language': accepted })).toBe(language)
    expect(inCloudFront('/', cookie, accepted).uri).toBe(`/index.${language}.html`)
  })

  it('is that of the offer at its hostname', () => {
    const at = (host: string, uri: string) => {
      const event = { request: { uri, cookies: {}, headers: { host: { value: host } } } }
      const deployed = code.replace('var pagesAt = {}', `var pagesAt = {"schools.example.org":"hosts/schools"}`)
      return (runInContext(`${deployed}; handler(event)`, createContext({ event })) as { uri: string }).uri
    }
    expect(at('schools.example.org', '/')).toBe('/hosts/schools/index.en.html')
    expect(at('Schools.example.org', '/sites/')).toBe('/hosts/schools/sites/index.en.html')
    expect(at('schools.example.org', '/assets/a.js')).toBe('/assets/a.js')
    for (const host of ['try.example.com', 'constructor']) expect(at(host, '/sites/')).toBe('/sites/index.en.html')
  })

  it('is not for assets, and a folder without a slash is redirected', () => {
    expect(inCloudFront('/assets/a.js', '', '').uri).toBe('/assets/a.js')
    expect(inCloudFront('/sites', '', '')).toMatchObject({
      statusCode: 302,
      headers: { location: { value: '/sites/' } },
    })
  })

  it('is redirected with its query, as links of campaigns have one', async () => {
    expect(inCloudFront('/sites', '', '', 'utm_source=a%26b&blueprint=shop')).toMatchObject({
      headers: { location: { value: '/sites/?utm_source=a%26b&blueprint=shop' } },
    })
    const serve = await createStaticFiles(directory)
    await using server = await served((request, response) => void serve(request, response, '/sites'))
    const url = `http://127.0.0.1:${server.port}/sites?utm_source=a%26b&blueprint=shop`
    const { status, headers } = await fetch(url, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([308, '/sites/?utm_source=a%26b&blueprint=shop'])
  })
})

test.each(['"x", W/TAG', 'W/TAG', 'TAG', '*'])(
  'a page that has not changed is not sent again: If-None-Match %s',
  async (sent) => {
    const serve = await createStaticFiles(directory)
    await using server = await served((request, response) => void serve(request, response, '/'))
    const url = `http://127.0.0.1:${server.port}/`
    const etag = (await fetch(url)).headers.get('etag') ?? ''
    expect(await fetch(url, { headers: { 'if-none-match': sent.replace('TAG', etag) } })).toMatchObject({ status: 304 })
  },
)

test.each(['//evil%E3%80%82com', '//3627734734', '/a//b', '/%2f%2fevil', '/\\\\evil'])(
  'CloudFront redirects %j nowhere, which could name another host',
  async (uri) => {
    const code = await readFile(join(import.meta.dirname, '../../lib/constructs/front/choose-page.js'), 'utf8')
    const event = { request: { uri, cookies: {}, headers: {} } }
    expect(runInContext(`${code}; handler(event)`, createContext({ event }))).toEqual(event.request)
  },
)

test('only the design system has raw controls and roles', () => {
  const files = globSync('{sign-up,owner,operator,shared}/**/*.tsx', { cwd: web })
  expect(files.length).toBeGreaterThan(5)
  const found = files.flatMap((file) => {
    const raw = /<(?:input|select|textarea|dialog)\b|\brole=/.exec(readFileSync(join(web, file), 'utf8'))
    return raw === null ? [] : [`${file}: ${raw[0]}`]
  })
  expect(found).toEqual([])
})
