import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '../e2e/call.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { openWithSite } from './console-page.ts'
import { openBrowser } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

vi.setConfig({ testTimeout: 600_000 })

describe.skipIf(!hasBrowser())("the parts of a site on the owner's page", () => {
  let host: StartedHost
  let browser: Browser
  let opened: Awaited<ReturnType<typeof openWithSite>>

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '0' })
    ;({ host, browser } = opening)
    opened = await openWithSite(host, browser, 'ada')
    return opening.close
  })

  const open = async (part: string) => {
    const { page, site } = opened
    await page.goto(`${host.url}/sites/#/sites/${site.id}?part=${part}`)
    return page
  }
  const answer = async (what: string, json: object) => {
    const pattern = new RegExp(`/v1/sites/[^/]+/${what}`)
    await opened.page.route(pattern, (route) => route.fulfill({ json }))
    return { [Symbol.asyncDispose]: () => opened.page.unroute(pattern) }
  }

  test('shows what a site used, as bars and as numbers', async () => {
    const until = new Date().toISOString()
    const start = `${until.slice(0, 10)}T00:00:00.000Z`
    const period = { start, requests: 1234, errors: { client: 0, server: 5 }, bytes: 1, latency: [], visitors: 56 }
    await using _ = await answer('usage', {
      by: 'day',
      from: new Date(Date.parse(until) - 30 * 86_400_000).toISOString(),
      until,
      lastUsedAt: until,
      awakeHours: 12.5,
      storage: { usedBytes: 2_500_000_000, maxBytes: 5_368_709_120 },
      periods: [period],
    })
    const page = await open('overview')
    await page.getByRole('img', { name: 'Requests by day: 1,234' }).waitFor()
    await page.getByText('2.3 GB of 5 GB').waitFor()
    await page.getByText('12.5 h').waitFor()
    await page.getByText('in the last 30 days').waitFor()
    const asked = page.waitForRequest(/\/usage\?from=/)
    await page.getByRole('button', { name: '7 days', exact: true }).click()
    const from = new URL((await asked).url()).searchParams.get('from') ?? ''
    expect(Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000)).toBe(7)
    expect(await page.getByRole('button', { name: '7 days', exact: true }).getAttribute('aria-current')).toBe('true')
    await page.locator('summary').click()
    await page.getByRole('cell', { name: '56' }).waitFor()
    await expectAccessible(page, 'owner-usage')
  })

  test('shows each day of ninety, and each copy of several pages', async () => {
    const until = new Date().toISOString()
    const midnight = Date.parse(`${until.slice(0, 10)}T00:00:00.000Z`)
    const instant = (daysAgo: number) => new Date(midnight - daysAgo * 86_400_000).toISOString()
    const counts = { requests: 10, errors: { client: 0, server: 0 }, bytes: 1, latency: [], visitors: 1 }
    const periods = Array.from({ length: 90 }, (_, day) => ({ ...counts, start: instant(89 - day) }))
    const facts = { by: 'day', from: instant(90), until, lastUsedAt: until, awakeHours: 1 }
    await using _usage = await answer('usage', { ...facts, storage: { usedBytes: null, maxBytes: 0 }, periods })
    const page = await open('overview')
    await page.reload()
    await page.locator('summary').click()
    const more = page.getByRole('button', { name: 'Show more' })
    await more.click()
    await expect.poll(() => page.getByRole('table').getByRole('row').count()).toBe(91)
    expect(await more.count()).toBe(0)

    const copies = Array.from({ length: 130 }, (_, n) => ({
      ...{ id: `arc_${n}`, name: `copy-${n}`, at: until, kind: 'schedule', bytes: 1, pausedMilliseconds: null },
    }))
    const pattern = /\/v1\/sites\/[^/]+\/archives/
    await page.route(pattern, (route) => {
      const isSecond = new URL(route.request().url()).searchParams.get('cursor') === 'second'
      const archives = isSecond ? copies.slice(100) : copies.slice(0, 100)
      return route.fulfill({ json: { archives, schedule: null, ...(isSecond ? {} : { cursor: 'second' }) } })
    })
    await open('copies')
    await more.click()
    await more.click()
    await page.getByText('copy-129', { exact: true }).waitFor()
    await page.unroute(pattern)
  })

  test('shows on a phone which part is open, also where its tab is beyond the edge', async () => {
    await opened.page.setViewportSize({ width: 360, height: 740 })
    const page = await open('settings')
    await page.reload()
    const tab = page.getByRole('tab', { name: 'Settings' })
    await expect.poll(async () => Math.round((await tab.boundingBox())?.x ?? 360)).toBeLessThan(300)
    await page.setViewportSize({ width: 1280, height: 720 })
  })

  test('says that nobody has visited a site', async () => {
    const page = await open('overview')
    await page.reload()
    await page.getByText('Nobody has visited your site yet.').waitFor()
    await expectAccessible(page, 'owner-usage-none')
  })

  test('does not deny a visit that is not counted yet', async () => {
    const lastUsedAt = new Date().toISOString()
    const from = new Date(Date.parse(lastUsedAt) - 30 * 86_400_000).toISOString()
    const storage = { usedBytes: 1, maxBytes: 268_435_456 }
    const uncounted = { by: 'day', from, until: lastUsedAt, awakeHours: 1, storage, periods: [] }
    await using _ = await answer('usage', { ...uncounted, lastUsedAt })
    const page = await open('overview')
    await page.reload()
    await page.getByText('The last visit is not counted yet.').waitFor()
    expect(await page.getByText('Nobody has visited').count()).toBe(0)
  })

  test('takes a copy, tells its end, and downloads it', async () => {
    const page = await open('copies')
    await page.getByText('There are no copies yet.').waitFor()
    await page.getByRole('button', { name: 'Make a copy now' }).click()
    // Not beside what runs.
    await page.getByText('There are no copies yet.').waitFor({ state: 'detached' })
    await page.getByText('The copy is complete and verified.').waitFor()
    await page.getByText('requested by you').waitFor()
    await expectAccessible(page, 'owner-copies')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/\.tar/)
  })

  test('says that a copy failed', async () => {
    const page = await open('copies')
    await page.getByText('requested by you').waitFor()
    const { id } = opened.site
    const site = (await call<object>(host, { path: `/v1/sites/${id}`, headers: opened.person.bearer })).json
    await page.route(`**/v1/sites/${id}/archives`, (route) =>
      route.fulfill({ status: 202, json: { ...site, operation: 'copy' } }),
    )
    await page.getByRole('button', { name: 'Make a copy now' }).click()
    const notice = page.locator('.notice')
    await notice.getByText('The copy is verified. Then it appears here.').waitFor()
    expect(await notice.count()).toBe(1)
    await page.getByText('The copy failed.').waitFor()
    await page.unroute(`**/v1/sites/${id}/archives`)
  })

  test('shares a read-only page by a link, and revokes it', async () => {
    const page = await open('sharing')
    await page.getByText('You have not shared a link.').waitFor()
    await page.getByLabel('The link works for').selectOption('30 days')
    await page.getByRole('button', { name: 'Create link' }).click()
    const url = (await page.locator('.notice code').textContent()) ?? ''
    expect(url).toContain(`${host.url}/shared/#${opened.site.id}.`)
    const mail = await page.getByRole('link', { name: 'Write a mail with the link' }).getAttribute('href')
    expect(decodeURIComponent(mail ?? '')).toContain(`\n\n${url}\n\n`)
    await expectAccessible(page, 'owner-sharing')
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('You have not shared a link.').waitFor()
    expect(await page.getByText(url).count()).toBe(0)
    // The focus stays by what has gone.
    await page.locator('h2:focus').getByText('Links').waitFor()
    await page.getByRole('link', { name: 'All sites' }).press('Enter')
    await page.getByRole('link', { name: opened.site.name ?? '', exact: true }).press('Enter')
    await page
      .locator('h1:focus')
      .getByText(opened.site.name ?? '')
      .waitFor()
  })

  test('tells the history in words, in German too, and what could not be loaded', async () => {
    const page = await open('history')
    await page.getByText('Your data was copied').waitFor()
    await page.getByText('Your site opened').waitFor()
    await expectAccessible(page, 'owner-history')
    await page.getByRole('button', { name: 'Deutsch' }).click()
    await page.getByText('Ihre Daten wurden kopiert').waitFor()
    await page.route('**/history?**', (route) => route.fulfill({ status: 503, json: {} }))
    await page.reload()
    await page.getByRole('heading', { name: 'Das konnte nicht geladen werden' }).waitFor()
    await page.unroute('**/history?**')
    await page.getByRole('button', { name: 'Erneut versuchen' }).click()
    await page.getByText('Ihre Daten wurden kopiert').waitFor()
  })
})
