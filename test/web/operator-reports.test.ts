import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { later, opened } from '../reports/run-on-rows.ts'
import { hasBrowser } from '../support/browser.ts'
import { writeReportData } from '../support/report-data.ts'
import type { StartedHost } from '../support/start-host.ts'
import { openBrowser, openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

vi.setConfig({ testTimeout: 600_000 })

const at = '2026-03-02T09:00:00.000Z'
const ada = opened('ada', at, { offer: 'shop', variant: 'a' })
const bob = opened('bob', at, { offer: 'shop', variant: 'b' })
const eve = opened('eve', '2026-02-02T09:00:00.000Z', { offer: 'shop' })
const events = [
  ada,
  later(ada, 'SiteBillingChanged', at, { site: 's1', monthlyAmount: 900, currency: 'EUR' }),
  bob,
  later(bob, 'SiteClaimed', at, { site: 's2', monthlyAmount: 0 }),
  later(eve, 'SiteBillingChanged', at, { site: 's3', monthlyAmount: 1250, currency: 'USD' }),
]

describe.skipIf(!hasBrowser())('reports in a browser', () => {
  let host: StartedHost
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '0' })
    ;({ host, browser } = opening)
    return opening.close
  })
  beforeEach(async () => {
    const opened = await openPage(browser)
    ;({ page } = opened)
    return () => opened.context.close()
  })

  const open = async (place: string, heading = 'Reports') => {
    const data = { email: 'sam@example.com', role: 'sales' }
    expect((await page.request.post(`${host.url}/_local/operators/session`, { data })).ok()).toBe(true)
    await page.goto(`${host.url}/operator/#/${place}`)
    await page.getByRole('heading', { name: heading, exact: true }).waitFor()
  }
  const row = (name: string | RegExp) => page.getByRole('row', { name })

  test('are empty at first, then show a chart, a table and a file', async () => {
    await open('overview', 'Overview')
    await page.getByRole('link', { name: 'Reports' }).click()
    await page.getByText('The data set is empty. It is written each hour.').waitFor()
    await cp(await writeReportData({ events }), join(host.home, 'reports'), { recursive: true })

    await page.getByLabel('First day').fill('2026-03-01')
    await page.getByLabel('Last day').fill('2026-03-31')
    await page.getByRole('button', { name: 'Show' }).click()
    await row('shop 0 2 1 0 1 – 50%').waitFor()
    const step = page.getByRole('listitem').filter({ hasText: /^Paid1/ })
    await step.waitFor()
    // The whole funnel fits in a window.
    expect((await step.boundingBox())?.height).toBeLessThan(100)
    await expectAccessible(page, 'operator-reports')

    // The keyboard goes on where it chose.
    const offers = page.getByLabel('Offer')
    await offers.focus()
    for (const key of ['ArrowDown', 'ArrowUp']) {
      await page.keyboard.press(key)
      await page.waitForURL((url) => url.hash.includes('offer=') === (key === 'ArrowDown'))
      await row(/^shop/).or(page.getByText('Nothing here yet')).first().waitFor()
      expect(await page.evaluate('document.activeElement.tagName')).toBe('SELECT')
    }

    const chip = (group: string, name: string) => page.getByRole('group', { name: group }).getByRole('link', { name })
    await chip('By', 'By Variant').click()
    await row('shop: b 0 1 1 0 0 – 0%').waitFor()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as CSV' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('funnel-2026-03-01-2026-03-31.csv')
    // Without the mark, a spreadsheet does not read UTF-8.
    expect(await readFile(await file.path(), 'utf8')).toMatch(/^\u{feff}\w+,.*\r\n.*shop: b,/su)

    await chip('Report', 'Variants compared').click()
    await row(/paid b 1 0 0% a -100% .* too few to tell/).waitFor()
    await chip('Report', 'Monthly revenue').click()
    await page.getByRole('img', { name: /A chart of At the end/ }).waitFor()
    await row('Mar 2026 EUR €0 €9 €0 €0 €0 €0 €9 1 0').waitFor()
    const values = page.getByRole('slider')
    await values.focus()
    const told = () => values.getAttribute('aria-valuetext')
    expect(await told()).toBe('Mar 2026 EUR: At the end 9')
    await values.press('ArrowRight')
    await vi.waitFor(async () => expect(await told()).toBe('Mar 2026 USD: At the end 12.5'))
  })
})
