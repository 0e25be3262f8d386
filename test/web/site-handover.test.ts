import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeProduct } from '../e2e/blueprints.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { startHost } from '../support/start-host.ts'
import { openWithSite } from './console-page.ts'
import { expectAccessible } from './watch-page.ts'

describe.skipIf(!hasBrowser())('the credentials of a site’s product', () => {
  test('are shown to the owner once, also if an answer was lost', async () => {
    await using blueprints = await temporaryDirectory()
    const agrees = join(blueprints.path, 'agrees')
    await writeProduct(blueprints.path, { agrees })
    await writeFile(agrees, '')
    await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
    await using browser = await launchBrowser()
    await using opened = await openWithSite(host, browser, 'ada')
    const { page } = opened
    await page.getByRole('link', { name: "ada's shop" }).click()
    const show = page.getByRole('button', { name: 'Show credentials' })
    await page.route('**/credentials', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await show.click()
    await page.getByText('did not answer').waitFor()
    await page.unroute('**/credentials')
    await page.reload()
    await show.click()
    await page.getByText('Write these down. They are shown only now.').waitFor()
    const secret = page.locator('dd code')
    expect(await secret.textContent()).toMatch(/^[\w-]{43}$/)
    await expectAccessible(page, 'owner-credentials')
    await page.reload()
    await page.getByRole('heading', { name: 'Your site' }).waitFor()
    expect(await show.count()).toBe(0)
    expect(await secret.count()).toBe(0)
  })
})
