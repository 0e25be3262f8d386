import type { Browser, BrowserContext, Page } from 'playwright-core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Viewer } from '../../core/entitlement/viewer.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { Site } from '../../core/site/site.ts'
import config from '../../sitewright.config.ts'
import { billing } from '../lambdas/billing/subscriptions.ts'
import { activeSite, siteId } from '../router/sites.ts'
import { startRouter, startSite } from '../router/stage.ts'
import { startWelcome, temporaryDirectory } from '../sites/welcome-process.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { welcome } from '../support/provisioning.ts'
import { expectAccessible, watchErrors } from './watch-page.ts'

const owner: Viewer = { role: 'owner', personId: 'prsn_01jq3v5k8m0000000000000000', email: 'ada@example.com' }
const day = 86_400_000

/** As strict as products get, and with a style that would break what is no shadow root. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'"
const style = `html,body{height:100%;margin:0;color-scheme:light dark}
body{display:grid;grid-template-rows:auto 1fr;font:italic 30px serif;color:light-dark(#000,#fff);background:light-dark(#fff,#000)}
body>*{position:static;margin:20px}a,button,p,h2{text-transform:uppercase;letter-spacing:9px;padding:30px}`
const html = (place: string, script: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Shop</title><link rel="stylesheet" href="/shop.css">
<script src="${script}" defer></script></head><body><header><h1>Shop</h1></header><main>${place}</main></body></html>`
const checklist = '<div data-sitewright="checklist" data-write="#new" data-done=""></div>'

/** A product at two sites behind a router; the other one embeds the bar of the first. */
const openProduct = async ({ place = '', trialDays = 9, more = '', change = {} } = {}) => {
  const site = await startSite(({ url, headers: { host = '' } }, response) => {
    response.setHeader('content-security-policy', host.startsWith('beta') ? '' : policy + more)
    if (url === '/shop.css') return response.setHeader('content-type', 'text/css').end(style)
    const script = host.startsWith('beta')
      ? `http://${host.replace('beta', 'acme')}/_sitewright/bar.js`
      : '/_sitewright/bar.js'
    return response.setHeader('content-type', 'text/html').end(html(place, script))
  })
  const trialEndsAt = new Date(Date.now() + trialDays * day + day / 4).toISOString()
  const sites = {
    'acme.localhost': { ...activeSite(site.endpoint), trialEndsAt, ...change },
    'beta.localhost': activeSite(site.endpoint, { number: 2, hostname: 'beta.localhost' }),
  }
  const blueprints = { get: async () => welcome(1) }
  const plans = planCatalogue(config.plans)
  const router = await startRouter(sites, { blueprints, plans, brand: 'Meadow', wall: () => new Date().toISOString() })
  return { ...router, url: `http://acme.localhost:${router.port}/` }
}

describe.skipIf(!hasBrowser())('the bar of an owner', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
    return () => browser.close()
  })

  const open = async (
    options: Parameters<typeof openProduct>[0] & { readonly locale?: string; readonly isStranger?: boolean } = {},
  ) => {
    const product = await openProduct(options)
    const context = await browser.newContext({ locale: options.locale ?? 'en-GB' })
    if (options.isStranger !== true) await enter(context, product)
    const page = await context.newPage()
    watchErrors(page)
    await page.goto(product.url, { waitUntil: 'load' })
    return { ...product, context, page }
  }
  const enter = async (
    context: BrowserContext,
    { viewers, url }: Pick<Awaited<ReturnType<typeof openProduct>>, 'viewers' | 'url'>,
  ) => context.addCookies([{ name: 'sitewright_viewer', value: await viewers.signCookie(siteId(1), owner), url }])

  const bar = (page: Page) => page.getByRole('complementary', { name: /Meadow/ })
  const placeOf = (page: Page, selector: string) => page.locator(selector).boundingBox()

  test('shows the days, Manage and Upgrade under a strict policy, and moves nothing', async () => {
    const { page, context } = await open({ more: "; require-trusted-types-for 'script'" })
    await bar(page).getByText('9 days left of your trial').waitFor()
    const links = bar(page).getByRole('link')
    const hrefs = await Promise.all((await links.all()).map((link) => link.getAttribute('href')))
    await expect.poll(() => links.allTextContents()).toEqual(['Manage', 'Upgrade'])
    expect(hrefs).toEqual([
      expect.stringMatching(/\/sites\/#\/sites\/site_\w+$/),
      expect.stringMatching(/\/sites\/#\/sites\/site_\w+\?part=plans$/),
    ])
    const withBar = [await placeOf(page, 'header'), await placeOf(page, 'main')]
    await context.clearCookies()
    await page.reload()
    expect(await page.locator('sitewright-bar').count()).toBe(0)
    expect([await placeOf(page, 'header'), await placeOf(page, 'main')]).toEqual(withBar)
    await context.close()
  })

  test('leads the owner of a paused subscription to the console, and not to the plans', async () => {
    const paidThrough = new Date(Date.now() + 9.25 * day).toISOString()
    const { page, context } = await open({
      change: { plan: 'growth', billing: billing({ state: 'paused', paidThrough }) },
    })
    await bar(page).getByText('Subscription paused: your site stops in 9 days').waitFor()
    expect(await bar(page).getByRole('link').allTextContents()).toEqual(['Manage'])
    await context.close()
  })

  test('is closed by the keyboard, until tomorrow', async () => {
    const { page, context } = await open()
    const close = bar(page).getByRole('button', { name: 'Close until tomorrow' })
    await close.focus()
    await page.keyboard.press('Enter')
    await bar(page).waitFor({ state: 'detached' })
    await page.reload({ waitUntil: 'load' })
    expect(await bar(page).count()).toBe(0)
    await page.evaluate("localStorage.setItem('sitewright-bar', 'Mon Jan 01 2001')")
    await page.reload({ waitUntil: 'load' })
    await bar(page).waitFor()
    await context.close()
  })

  test.each([
    [0, '6 hours left of your trial', 'now'],
    [2, '2 days left of your trial', 'soon'],
    [-3, 'Trial ended', 'now'],
  ])('is urgent at the end: %i days', async (trialDays, text, tone) => {
    const { page, context } = await open({ trialDays })
    expect(await bar(page).getByText(text).getAttribute('class')).toBe(tone)
    await context.close()
  })

  test('speaks German, and is accessible with the checklist in both themes', async () => {
    const { page, context } = await open({ locale: 'de-AT', place: checklist })
    await bar(page).getByText('Noch 9 Tage Testphase').waitFor()
    await page.getByText('0 von 4 erledigt').waitFor()
    await expectAccessible(page, 'owner-bar')
    await context.close()
  })

  test('the checklist fills as the product and the owner do the steps', async () => {
    const { page, context } = await open({ place: checklist })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const list = page.getByRole('region', { name: 'Get your site going' })
    await list.getByText('0 of 4 done').waitFor()
    expect(await list.getByRole('link', { name: 'Write' }).getAttribute('href')).toBe('#new')
    // The trial has no domain: a copy is free, and one step alone leads to the plans.
    expect(await list.getByRole('link', { name: 'See plans' }).getAttribute('href')).toMatch(/\?part=plans$/)
    const copies = list.getByRole('link', { name: 'Open copies' })
    expect(await copies.getAttribute('href')).toMatch(/\?part=copies$/)
    await page.evaluate("document.querySelector('[data-sitewright]').dataset.done += ' write'")
    await list.getByText('1 of 4 done').waitFor()
    await list.getByRole('button', { name: 'Copy address' }).click()
    await list.getByText('2 of 4 done').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('http://acme.localhost:4000')
    expect(await page.evaluate("document.querySelector('[data-sitewright]').shadowRoot.activeElement.id")).toBe('title')
    await page.reload({ waitUntil: 'load' })
    await list.getByText('1 of 4 done').waitFor()
    await page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    await copies.click()
    await page.reload({ waitUntil: 'load' })
    await list.getByText('2 of 4 done').waitFor()
    expect(await copies.count()).toBe(0)
    await list.getByRole('button', { name: 'Hide this list' }).click()
    await page.reload({ waitUntil: 'load' })
    await bar(page).waitFor()
    expect(await list.count()).toBe(0)
    await context.close()
  })

  test('the checklist comes also to a place that the product adds later', async () => {
    const { page, context } = await open()
    await bar(page).waitFor()
    await page.evaluate(`{
      const place = document.createElement('div')
      place.dataset.sitewright = 'checklist'
      place.dataset.done = 'write invite'
      document.querySelector('main').append(place)
    }`)
    await page.getByText('2 of 4 done').waitFor()
    await context.close()
  })

  test('a stranger sees neither, and a page of another site gets nothing of the owner', async () => {
    const stranger = await open({ isStranger: true, place: checklist })
    expect(await stranger.page.locator('sitewright-bar').count()).toBe(0)
    expect(await stranger.page.locator('[data-sitewright]').boundingBox()).toMatchObject({ height: 0 })
    await stranger.context.close()

    const { page, context, url } = await open()
    await bar(page).waitFor()
    const asked = page.waitForEvent('requestfailed')
    await page.goto(url.replace('acme', 'beta'), { waitUntil: 'load' })
    expect((await asked).failure()?.errorText).toContain('BLOCKED_BY_RESPONSE')
    expect(await page.locator('sitewright-bar').count()).toBe(0)
    await context.close()
  })

  /** The welcome site behind a router, as its owner sees it. */
  const openWelcome = async () => {
    const sites: Record<string, Site> = {}
    const router = await startRouter(async (hostname) => sites[hostname], {
      blueprints: { get: async () => welcome(1) },
      brand: 'Meadow',
    })
    const data = await temporaryDirectory()
    const site = await startWelcome({ dataDirectory: data.path, rootKey: router.rootPublicKey, siteId: siteId(1) })
    onTestFinished(async () => {
      await site[Symbol.asyncDispose]()
      await data[Symbol.asyncDispose]()
    })
    sites['acme.localhost'] = activeSite({ host: '127.0.0.1', port: site.port })
    const url = `http://acme.localhost:${router.port}/`
    const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Asia/Tokyo' })
    const page = await context.newPage()
    watchErrors(page)
    return { page, context, enter: () => enter(context, { ...router, url }), url }
  }

  test('the welcome site shows visitors a board, and its owner the first steps', async () => {
    const { page, context, enter: enterWelcome, url } = await openWelcome()
    const write = async (text: string) => {
      await page.getByLabel('New entry').fill(text)
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText(text).first().waitFor()
    }
    await page.goto(url)
    expect(await page.title()).toBe('Acme')
    await expectAccessible(page, 'welcome-visitor')
    await write('A line of a visitor')
    expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0)

    await enterWelcome()
    await page.goto(url)
    await bar(page).waitFor()
    await page.getByText('1 of 4 done').waitFor()
    await expectAccessible(page, 'welcome-owner')
    // In the reader's time, as the console says it.
    const trialEnd = page.locator('footer.about time')
    const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Tokyo' })
    const endsAt = (await trialEnd.getAttribute('datetime')) ?? ''
    expect(await trialEnd.textContent()).toBe(format.format(Date.parse(endsAt)))
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    const [end, strip] = [await placeOf(page, 'footer.about'), await bar(page).boundingBox()]
    expect((end?.y ?? 0) + (end?.height ?? 0)).toBeLessThanOrEqual((strip?.y ?? 0) + 1)
    expect(strip).toMatchObject({ x: 0 })
    const whole = await page.evaluate<number>('document.documentElement.scrollHeight')
    const closing = await context.newPage()
    await closing.goto(url)
    await bar(closing).getByRole('button', { name: 'Close until tomorrow' }).click()
    expect(await closing.evaluate('document.documentElement.scrollHeight')).toBeLessThan(whole)
    await closing.evaluate('localStorage.clear()')
    await closing.close()
    await write('News of the owner')
    await page.getByText('2 of 4 done').waitFor()
    await page.getByRole('button', { name: 'Remove samples' }).click()
    await page.getByText('Sample').first().waitFor({ state: 'detached' })
    page.on('dialog', (dialog) => dialog.accept())
    await page
      .getByRole('listitem')
      .filter({ hasText: 'A line of a visitor' })
      .getByRole('button', { name: 'Delete' })
      .click()
    await page.getByText('A line of a visitor').waitFor({ state: 'detached' })
    await page.reload()
    await page.getByText('News of the owner').waitFor()
    expect(await page.getByText('A line of a visitor').count()).toBe(0)
    await context.close()
  })

  test('the owner changes an entry by keyboard, and an empty one is refused in words of the page', async () => {
    const { page, context, enter: enterWelcome, url } = await openWelcome()
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(url)
    // On a phone the field is on the first screen, for visitors and for the owner.
    const bottom = async () => {
      const { y, height } = (await page.getByLabel('New entry').boundingBox())!
      return y + height
    }
    expect(await bottom()).toBeLessThan(844)
    await enterWelcome()
    await page.goto(url)
    expect(await bottom()).toBeLessThan(844)

    const said = page.locator('#message')
    await page.getByLabel('New entry').fill('  ')
    await page.getByRole('button', { name: 'Save' }).click()
    await said.getByText('Write something first.').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('text')
    await page.keyboard.type('Helo')
    await page.getByRole('button', { name: 'Save' }).click()
    const item = page.locator('#entries li')
    await item.getByText('Helo').waitFor()
    expect(await said.textContent()).toBe('')

    await item.getByRole('button', { name: 'Edit' }).press('Enter')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Hello')
    await expectAccessible(page, 'welcome-edit')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await item.getByText('Hello', { exact: true }).waitFor()
    await page.waitForFunction("document.activeElement.textContent === 'Edit'")
    await page.reload()
    await item.getByText('Hello', { exact: true }).waitFor()

    await page.goto(`${url}nothing`)
    expect(await page.title()).toBe('There is no such page')
    await expectAccessible(page, 'welcome-nothing')
    await page.getByRole('link', { name: 'To the start page of Acme' }).click()
    await page.getByRole('heading', { name: 'Acme' }).waitFor()
    await context.close()
  })

  test('the welcome site shows older entries at a press', async () => {
    const { page, context, url } = await openWelcome()
    await page.goto(url)
    await page.evaluate(`(async () => {
      for (let number = 1; number <= 25; number += 1) {
        const headers = { 'content-type': 'application/json' }
        await fetch('/api/entries', { method: 'POST', headers, body: JSON.stringify({ text: 'entry ' + number }) })
      }
    })()`)
    await page.reload()
    expect(await page.locator('#entries li').count()).toBe(20)
    await page.getByRole('button', { name: 'Show older entries' }).click()
    await page.getByText('entry 1', { exact: true }).waitFor()
    expect(await page.locator('#entries li').count()).toBe(25)
    await context.close()
  })
})
