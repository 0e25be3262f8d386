import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '../e2e/call.ts'
import { turnClock } from '../e2e/turned-clock.ts'
import { getSite, readEntries, writeEntry } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openConsole, openWithSite } from './console-page.ts'
import { openBrowser } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

// Clocks are turned over weeks of work.
vi.setConfig({ testTimeout: 600_000 })

describe.skipIf(!hasBrowser())('the pages of a trial that ends', () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '1' })
    ;({ host, browser } = opening)
    return opening.close
  })

  const turn = async (advance: string) => expect((await turnClock(host, advance)).status).toBe(200)
  const show = async (page: Page, id: string) => {
    await page.goto(`${host.url}/sites/#/sites/${id}`)
    await page.reload()
    await page.getByRole('tab').first().waitFor()
  }
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

  test('resumes an ended trial with its extension, then offers plans', async () => {
    await using opened = await openWithSite(host, browser, 'grace')
    const { page, site } = opened
    await writeEntry(host, 'grace', 'kept')
    await turn('P14D')
    await show(page, site.id)
    await page.getByText('Your site is suspended because its trial has ended.').waitFor()
    await page.getByText('unless you resume it first').waitFor()
    await expectAccessible(page, 'owner-suspended')
    await page.getByText('Resuming uses your extension and continues the trial for 7 days.').waitFor()
    await press(page, 'Resume for 7 days')
    await page.getByRole('status').getByText('Your site is starting. The trial now ends on').waitFor()
    await page.getByText('Your site is running.').waitFor()
    await waitFor(async () => (await readEntries(host, 'grace')).includes('kept'))

    await turn('P8D')
    await show(page, site.id)
    await page.getByText('You have used the trial extension. Resuming requires a plan.').waitFor()
    await expectAccessible(page, 'owner-used-extension')
    await page.getByText('From €19 a month. Your site runs again with all its data').waitFor()
    expect(await page.getByRole('button', { name: 'Resume' }).count()).toBe(0)
    await page.getByRole('link', { name: 'Choose a plan' }).click()
    await page.getByRole('tab', { name: 'Plan', selected: true }).waitFor()
    await page.getByRole('button', { name: 'Choose Starter' }).waitFor()
    await page.getByText('For larger plans, write to us.').waitFor()
    expect((await getSite(host, opened.person, site.id)).status).toBe('suspended')
  })

  test('shows an archived site being restored, without a reload', async () => {
    await using opened = await openWithSite(host, browser, 'mary')
    const { page, site } = opened
    await writeEntry(host, 'mary', 'archived and back')
    await turn('P36D')
    await show(page, site.id)
    await page.getByText('Your site is archived').waitFor()
    await page.getByText('You can restore it until').waitFor()
    await press(page, 'Restore site')
    await page.getByRole('status').getByText('Your site is being restored from its archive.').waitFor()
    expect(await page.getByRole('button', { name: 'Restore site' }).count()).toBe(0)
    await page.getByRole('status').getByText('Your site is restored with all its data.').waitFor()
    await page.getByRole('link', { name: 'Open my site' }).click()
    await page.getByText('archived and back').waitFor()
  })

  test('puts an owner on the waiting list while trials are paused', async () => {
    const operator = await call<{ token: string }>(host, {
      method: 'POST',
      path: '/_local/operators',
      body: { email: 'operator@example.com', role: 'support' },
    })
    const pause = (paused: boolean) =>
      call(host, {
        method: 'PUT',
        path: '/v1/operator/trials',
        headers: { authorization: `Bearer ${operator.json.token}` },
        body: { paused, reason: 'a test' },
      })
    expect((await pause(true)).status).toBe(200)
    await using opened = await openConsole(host, browser, 'hedy@example.com')
    const { page } = opened
    await page.goto(host.url)
    await page.getByLabel('Name', { exact: true }).fill('Hedy')
    await page.getByText('hedy.localhost is free.').waitFor()
    await press(page, 'Create my site')
    await page.getByRole('heading', { name: 'You are on the list' }).waitFor()
    await page.getByText('We will mail you when there is room for you').waitFor()
    expect((await pause(false)).status).toBe(200)
  })
})
