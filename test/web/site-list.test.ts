import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import config from '../../sitewright.config.ts'
import { writeGatedBlueprint } from '../e2e/blueprints.ts'
import { call } from '../e2e/call.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { turnClock } from '../e2e/turned-clock.ts'
import { createSite, getSite, signIn } from '../e2e/visitor.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openConsole, openWithSite, showsList } from './console-page.ts'

vi.setConfig({ testTimeout: 120_000 })

describe.skipIf(!hasBrowser())('the list of sites', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => browser?.close())

  const reload = async (page: Page) => {
    await page.reload()
    await showsList(page)
  }

  test('loads the next page of sites', async () => {
    await using blueprints = await temporaryDirectory()
    const { openGate, closeGate } = await writeGatedBlueprint(blueprints.path, { startSeconds: 6 })
    await openGate()
    await using host = await startHost({
      env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path },
    })
    await using opened = await openConsole(host, browser, 'ada@example.com')
    const { page, person, trouble } = opened
    // A version from which no site was built could not be had.
    const eve = await signIn(host, 'eve@example.com')
    const { id: first } = (await createSite(host, eve, { slug: 'eve' })).json
    await waitFor(async () => (await getSite(host, eve, first)).status === 'active')
    await closeGate()
    // A build that fails gives the trial back, and stays in the list.
    const slugs = ['first', 'second', 'third', 'fourth', 'fifth']
    for (const slug of slugs) {
      const { id } = (await createSite(host, person, { slug })).json
      await waitFor(async () => (await getSite(host, person, id)).status === 'failed')
    }
    // The host's own pages, only smaller.
    await page.route(/\/v1\/sites(\?.*)?$/, (route) => {
      const url = new URL(route.request().url())
      url.searchParams.set('limit', '2')
      return route.continue({ url: url.href })
    })
    await page.goto(host.url)
    await showsList(page)
    const names = () => page.locator('#site-list h2').allTextContents()
    const more = page.getByRole('button', { name: 'Show more' })
    const another = page.getByRole('link', { name: 'Create a site' })
    expect(await names()).toEqual(['fifth', 'fourth'])
    // One of the rest could be running.
    expect(await another.isVisible()).toBe(false)
    await more.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'third' }).waitFor()
    expect(await names()).toEqual(['fifth', 'fourth', 'third', 'second'])
    expect(await page.evaluate('document.activeElement.textContent')).toBe('third')

    await page.route(/cursor=/, (route) => route.abort())
    await more.click()
    await page.getByRole('alert').getByText('Sitewright did not answer.').waitFor()
    await page.unroute(/cursor=/)
    await more.click()
    await page.getByRole('heading', { name: 'first' }).waitFor()
    expect(await names()).toEqual(slugs.toReversed())
    await more.waitFor({ state: 'detached' })
    await another.waitFor()
    expect(await page.getByRole('alert').allTextContents()).not.toContainEqual(
      expect.stringContaining('did not answer'),
    )
    expect(trouble).toEqual([])
  })

  test('uses the domain clock, and links to the contact', async () => {
    await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
    await using opened = await openWithSite(host, browser, 'grace')
    const { page, site, trouble } = opened
    await page.getByText('(in 14 days). Then your site is suspended').waitFor()
    expect((await turnClock(host, 'P10D')).status).toBe(200)
    await reload(page)
    await page.getByText('(in 4 days). Then your site is suspended').waitFor()
    const mailto = `mailto:${config.contact}?subject=grace.localhost`
    const link = page.getByRole('link', { name: 'write to us' })
    await page.goto(host.url)
    await showsList(page)
    await page.getByText('Plans and prices').click()
    expect(await link.getAttribute('href')).toBe(mailto)

    const operator = await call<{ token: string }>(host, {
      method: 'POST',
      path: '/_local/operators',
      body: { email: 'operator@example.com', role: 'support' },
    })
    const suspended = await call(host, {
      method: 'POST',
      path: `/v1/operator/sites/${site.id}/suspend`,
      headers: { authorization: `Bearer ${operator.json.token}` },
      body: { reason: 'a test' },
    })
    expect(suspended.status).toBe(200)
    await reload(page)
    await page.getByText('We have suspended your site. Write to us for the reason.').waitFor()
    expect(await link.first().getAttribute('href')).toBe(mailto)
    expect(await link.first().getAttribute('title')).toBe(config.contact)
    expect(trouble).toEqual([])
  })

  test('offers to cancel only a deletion that its owner may cancel', async () => {
    await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
    await using opened = await openWithSite(host, browser, 'joan')
    const { page, person, site, trouble } = opened
    const path = `/v1/sites/${site.id}`
    const confirm = { confirm: 'joan.localhost' }
    expect((await call(host, { method: 'DELETE', path, headers: person.bearer, body: confirm })).status).toBe(200)
    await reload(page)
    await page.getByText('You can cancel the deletion until then.').waitFor()
    const keep = page.getByRole('button', { name: 'Cancel deletion' })
    await keep.waitFor()
    // What operators have decided the clock carries out at once: how it looks meanwhile is played here.
    await page.route('**/v1/sites', async (route) => {
      const response = await route.fetch()
      const { sites } = (await response.json()) as { sites: { deletion: object }[] }
      const json = { sites: sites.map((one) => ({ ...one, deletion: { ...one.deletion, revocable: false } })) }
      await route.fulfill({ response, json })
    })
    await reload(page)
    await page.getByText('Your site will be deleted permanently on').waitFor()
    await page.getByText('Write to us if you want to keep it.').waitFor()
    expect(await keep.count()).toBe(0)
    expect(trouble).toEqual([])
  })
})
