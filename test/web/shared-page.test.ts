import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { call } from '../e2e/call.ts'
import { createSite, getSite, signIn } from '../e2e/visitor.ts'
import { hasBrowser, launchBlocking } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openBrowser } from './open-pages.ts'
import { expectAccessible, watchErrors } from './watch-page.ts'

describe.skipIf(!hasBrowser())('the page that an owner shares', () => {
  let host: StartedHost
  let browser: Browser
  let shared: { readonly id: string; readonly url: string }
  let owner: Awaited<ReturnType<typeof signIn>>
  let path: string

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '0' })
    ;({ host, browser } = opening)
    owner = await signIn(host, 'ada@example.com')
    const { id } = (await createSite(host, owner, { slug: 'adas-shop', name: "Ada's Shop" })).json
    await waitFor(async () => (await getSite(host, owner, id)).status === 'active')
    path = `/v1/sites/${id}/summary-links`
    shared = (await call<typeof shared>(host, { method: 'POST', path, headers: owner.bearer, body: {} })).json
    return opening.close
  })

  const open = async (url: string, locale: string, work: (page: Page) => Promise<void>) => {
    const context = await browser.newContext({ locale })
    try {
      const page = await context.newPage()
      page.setDefaultTimeout(240_000)
      watchErrors(page)
      await page.goto(url)
      await work(page)
    } finally {
      await context.close()
    }
  }

  test('shows the site to everybody who has its link, and is accessible', async () => {
    await open(shared.url, 'en-GB', async (page) => {
      await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
      expect(await page.getByText('Trial ends').count()).toBe(1)
      expect(await page.content()).not.toContain('ada@example.com')
      await expectAccessible(page, 'shared')
    })
  })

  test('does not deny a visit that is not counted yet', async () => {
    await open(shared.url, 'en-GB', async (page) => {
      await page.route('**/v1/site-summaries', async (route) => {
        const summary = await (await route.fetch()).json()
        const usage = { ...summary.usage, days: [], requests: 0, lastUsedAt: summary.usage.until }
        await route.fulfill({ json: { ...summary, usage } })
      })
      await page.reload()
      await page.getByText('Counted within an hour').first().waitFor()
      expect(await page.locator('dt', { hasText: 'Requests' }).locator('+ dd').textContent()).not.toContain('0')
    })
  })

  test('speaks German', async () => {
    await open(shared.url, 'de-DE', async (page) => {
      await page.getByRole('heading', { name: 'Nutzung in 30 Tagen' }).waitFor()
    })
  })

  test('appears where the browser blocks cookies, and the sign-up says what to change', async () => {
    await using profile = await mkdtempDisposable(join(tmpdir(), 'sitewright-browser-'))
    await using context = await launchBlocking(profile.path)
    const page = await context.newPage()
    watchErrors(page)
    await page.goto(shared.url)
    await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
    await page.goto(host.url)
    await page.locator('form[novalidate]').waitFor()
    await page.getByLabel('E-mail address').fill('eve@example.com')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByLabel('Code', { exact: true }).fill(await codeFromMailbox(host.url, 'eve@example.com'))
    await page.getByText('Your browser blocks cookies').waitFor({ timeout: 240_000 })
  })

  test('says that a revoked link does not work', async () => {
    await call(host, { method: 'DELETE', path: `${path}/${shared.id}`, headers: owner.bearer })
    await open(shared.url, 'en-GB', async (page) => {
      await page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    })
  })
})
