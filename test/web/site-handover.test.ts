import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { writeProduct } from '../e2e/blueprints.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { startHost } from '../support/start-host.ts'
import { openWithSite, showsList } from './console-page.ts'

vi.setConfig({ testTimeout: 120_000 })

const failed = {
  status: 'failed',
  at: '2026-03-01T12:00:00.000Z',
  reason: 'The site answered 500.',
  answer: { status: 500, excerpt: '<b>out of order</b>' },
}

describe.skipIf(!hasBrowser())('the hand-over of a site in the console', () => {
  test('shows what failed, tries again, and shows the credentials once', async () => {
    await using blueprints = await temporaryDirectory()
    const agrees = join(blueprints.path, 'agrees')
    await writeProduct(blueprints.path, { agrees })
    await writeFile(agrees, '')
    await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
    await using browser = await launchBrowser()
    await using opened = await openWithSite(host, browser, 'ada')
    const { page, trouble } = opened
    const again = page.getByRole('button', { name: 'Try again' })
    const show = page.getByRole('button', { name: 'Show credentials' })
    await show.click()
    await page.getByText('Write these down. They are shown only now.').waitFor()
    expect(await page.locator('code.secret').textContent()).toMatch(/^[\w-]{43}$/)
    expect(await again.isVisible()).toBe(false)
    await show.waitFor({ state: 'hidden' })
    await page.reload()
    await showsList(page)
    await page.getByText('Data copies').waitFor()
    expect(await show.isVisible()).toBe(false)
    expect(await page.locator('code.secret').count()).toBe(0)

    const asked: string[] = []
    await page.route(/\/v1\/sites\/[^/]+\/hand-over$/, (route) => {
      asked.push(route.request().method())
      return route.fulfill({ status: 202, contentType: 'application/json', body: '{}' })
    })
    await page.route(/\/v1\/sites(\?.*)?$/, async (route) => {
      const response = await route.fetch()
      const { sites } = (await response.json()) as { sites: object[] }
      await route.fulfill({
        response,
        json: { sites: sites.map((site) => ({ ...site, operation: null, handOver: failed })) },
      })
    })
    await page.reload()
    await showsList(page)
    await page.getByText('The site answered 500.').waitFor()
    expect(await page.locator('pre').textContent()).toBe('<b>out of order</b>')
    await again.click()
    await expect.poll(() => asked).toEqual(['POST'])
    expect(trouble).toEqual([])
  })
})
