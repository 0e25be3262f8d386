import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { waitFor } from '../support/wait-for.ts'
import { type CourseBody, type CourseSite, growth, openCourseSite } from './course-site.ts'
import { exampleClaims } from './entitlement-tokens.ts'
import { startEntitlingProxy } from './entitling-proxy.ts'
import { course, type ManifestParts } from './scorm-packages.ts'
import { zipOf } from './zip-archive.ts'

describe.skipIf(!hasBrowser())('courses in a browser', { timeout: 600_000 }, () => {
  const resources = new AsyncDisposableStack()
  let site: CourseSite
  let browser: Browser
  let claims: { readonly plan: string; readonly facts: object }
  let url: string
  let contentUrl: string
  let context: BrowserContext
  let page: Page
  /** What a reader of the browser's console would see. */
  let failure: string[]

  beforeAll(async () => {
    site = resources.use(await openCourseSite())
    const entitled = (content: string) => site.entitled({ ...claims, facts: { ...claims.facts, origins: { content } } })
    ;({ url, contentUrl } = resources.use(await startEntitlingProxy(site.url(), entitled)))
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await resources.disposeAsync()
  })
  beforeEach(async () => {
    claims = growth
    context = await browser.newContext()
    page = await context.newPage()
    page.setDefaultTimeout(30_000)
    failure = []
    page.on('pageerror', (error) => failure.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') failure.push(message.text())
    })
    return () => context.close()
  })

  const uploaded = async (parts: ManifestParts = {}): Promise<CourseBody> =>
    (await (await site.upload(course(parts))).json()) as CourseBody
  const progressOf = async (id: string) =>
    ((await (await site.ask(`/api/courses/${id}`)).json()) as CourseBody).progress
  const player = () => page.frameLocator('#player')
  const said = () => player().frameLocator('#content').locator('#said')

  test('a package is uploaded, played to its end, and deleted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'welcome-player-'))
    const path = join(folder, 'course.zip')
    await writeFile(path, zipOf(course({ title: 'Ropes &amp; knots' })))
    await page.goto(url)
    await page.getByLabel('New course').setInputFiles(path)
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('link', { name: 'Ropes & knots' }).click()

    await player().getByText('Saved').waitFor()
    expect(await said().textContent()).toBe('came as ab-initio, with nothing')
    const [first] = await site.list()
    expect(first).toMatchObject({ title: 'Ropes & knots', progress: 'completed' })

    await page.reload()
    await player().getByText('Saved').waitFor()
    expect(await said().textContent()).toBe('came as resume, with page 3')

    await page.getByRole('link', { name: 'All courses' }).click()
    page.on('dialog', (dialog) => dialog.accept())
    const item = page.locator('#courses li', { hasText: 'Ropes & knots' })
    await item.getByRole('button', { name: 'Delete' }).click()
    await item.waitFor({ state: 'detached' })
    expect(await site.list()).toEqual([])
    expect(failure).toEqual([])
    await rm(folder, { recursive: true })
  })

  test('a package that is refused is told why', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'welcome-player-'))
    const path = join(folder, 'course.zip')
    await writeFile(path, zipOf([{ name: 'index.html' }]))
    await page.goto(url)
    await page.getByLabel('New course').setInputFiles(path)
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByText('The package has no imsmanifest.xml at its root').waitFor()
    await rm(folder, { recursive: true })
  })

  const version2004 = {
    version: '<metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>',
    resources: '<resource identifier="RES-1" adlcp:scormType="sco" href="two.html"/>',
  }
  /** Sets what it knows and is left without a word: no commit, no end. */
  const silent = `<!doctype html><p id="said"></p><script>
    const api = window.parent.API_1484_11
    api.Initialize('')
    document.querySelector('#said').textContent = 'at ' + (api.GetValue('cmi.location') || 'the start')
    api.SetValue('cmi.location', 'page 7')
    api.SetValue('cmi.completion_status', 'completed')
  </script>`

  test('SCORM 2004 that is left without a word has kept what it set', async () => {
    const files = [...course(version2004), { name: 'two.html', data: silent }]
    const { id, version } = (await (await site.upload(files)).json()) as CourseBody
    expect(version).toBe('2004')
    await page.goto(`${url}/courses/${id}/`)
    await said().filter({ hasText: 'at the start' }).waitFor()
    await page.goto(url)
    await waitFor(async () => (await progressOf(id)) === 'completed')
    await page.goto(`${url}/courses/${id}/`)
    await said().filter({ hasText: 'at page 7' }).waitFor()
    expect(failure).toEqual([])
  })

  test('a course of two parts is done when both are', async () => {
    const { id } = await uploaded({
      items: `<item identifier="A" identifierref="RES-1"><title>One</title></item>
        <item identifier="B" identifierref="RES-1"><title>Two</title></item>`,
    })
    await page.goto(`${url}/courses/${id}/`)
    await player().getByText('Saved').waitFor()
    expect(await progressOf(id)).toBe('incomplete')
    await player().getByLabel('Part').selectOption('Two')
    await waitFor(async () => (await progressOf(id)) === 'completed')
    expect(failure).toEqual([])
  })

  test('a hidden item is in no list, and is played in its turn', async () => {
    const { id } = await uploaded({
      items: `<item identifier="A" identifierref="RES-1"><title>One</title></item>
        <item identifier="B" identifierref="RES-1" isvisible="false"><title>Two</title></item>
        <item identifier="C" identifierref="RES-1"><title>Three</title></item>`,
    })
    await page.goto(`${url}/courses/${id}/`)
    await player().getByText('Saved').waitFor()
    const shown = await player().locator('#items option:not([hidden])').allTextContents()
    expect(shown).toEqual(['One', 'Three'])
    const next = player().getByRole('button', { name: 'Next part' })
    const launched = (item: string) =>
      waitFor(async () => (await player().locator('#items').inputValue()) === item && (await said().count()) === 1)
    await next.click()
    await launched('B')
    await player().getByText('Saved').waitFor()
    await next.click()
    await launched('C')
    await waitFor(async () => (await progressOf(id)) === 'completed')
    expect(await next.isDisabled()).toBe(true)
    expect(failure).toEqual([])
  })

  test('a commit that fails is told to the content and to the reader', async () => {
    const { id } = await uploaded()
    await page.route('**/launch/*/state', (route) =>
      route.request().method() === 'PUT' ? route.abort() : route.continue(),
    )
    await page.goto(`${url}/courses/${id}/`)
    await player().getByText('This could not be saved.').waitFor()
    expect(await progressOf(id)).toBe('not attempted')
  })

  test('a commit that finds no room is refused with what the site says of it', async () => {
    const { id } = await uploaded()
    const kept = { other: { cmi: { suspend_data: 'x'.repeat(8 * 1024 * 1024) }, at: '2026-01-01T00:00:00.000Z' } }
    const state = join(site.dataDirectory, 'courses', id, 'state.json')
    await writeFile(state, JSON.stringify({ items: kept }))
    await page.goto(`${url}/courses/${id}/`)
    await player().getByText('What was saved before is kept.').waitFor()
    expect(await progressOf(id)).toBe('not attempted')
  })

  test('nothing of another host is loaded by a course', async () => {
    const files = [...course(), { name: 'spy.html', data: '<img src="http://localhost:1/spy.png"><p id="said">spied' }]
    const { id } = (await (await site.upload(files)).json()) as CourseBody
    await page.goto(`${contentUrl}${await site.launch(id)}content/spy.html`)
    await page.getByText('spied').waitFor()
    await waitFor(async () => failure.some((text) => text.includes('Content Security Policy')))
  })

  /** Tries what content could do to the site around it, and says which attempts worked. */
  const hostile = () => `<!doctype html><p id="said"></p><script>
    const worked = []
    const attempt = (name, act) => { try { if (act() !== false) worked.push(name) } catch {} }
    attempt('reading the page', () => top.document.body.textContent)
    attempt('navigating the page', () => { top.location = 'http://127.0.0.1:1/' })
    attempt('opening a window', () => window.open('http://127.0.0.1:1/') !== null)
    attempt('finding the API', () => window.parent.API !== undefined)
    fetch('${url}/api/courses').then(() => worked.push('asking the site'), () => {}).then(() => {
      document.querySelector('#said').textContent = 'worked: ' + worked.join(', ')
    })
  </script>`

  test('content finds its player, and can do nothing to the site around it', async () => {
    const files = [...course().filter(({ name }) => name !== 'index.html'), { name: 'index.html', data: hostile() }]
    const { id } = (await (await site.upload(files)).json()) as CourseBody
    await page.goto(`${url}/courses/${id}/`)
    await said().filter({ hasText: 'worked' }).waitFor()
    expect(await said().textContent()).toBe('worked: finding the API')
    expect(page.url()).toBe(`${url}/courses/${id}/`)
    expect(context.pages()).toHaveLength(1)
  })

  test('nobody else can embed the player', async () => {
    const { id } = await uploaded()
    const elsewhere = contentUrl.replace('acme--content', 'other')
    const body = `<iframe src="${contentUrl}${await site.launch(id)}"></iframe>`
    await page.route(`${elsewhere}/`, (route) => route.fulfill({ contentType: 'text/html', body }))
    await page.goto(`${elsewhere}/`)
    await waitFor(async () => page.frames().some((frame) => frame.url().startsWith('chrome-error:')))
    expect(await progressOf(id)).toBe('not attempted')
  })

  test('a plan without courses is shown the way to one', async () => {
    claims = { ...exampleClaims, plan: 'starter' }
    await page.goto(url)
    await page.getByText('The plans Growth and Enterprise include it.').waitFor()
    expect(await page.getByLabel('New course').count()).toBe(0)
  })
})
