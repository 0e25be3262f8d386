import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '../e2e/call.ts'
import { turnClock } from '../e2e/turned-clock.ts'
import { getSite, readEntries, writeEntry } from '../e2e/visitor.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openConsole, openWithSite, showsList } from './console-page.ts'

// Clocks are turned over weeks of work.
vi.setConfig({ testTimeout: 120_000 })

const inTokyo = (instant: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone: 'Asia/Tokyo',
  }).format(new Date(instant))

const daysLater = (instant: string, days: number): string => new Date(Date.parse(instant) + days * 86_400_000).toJSON()

describe.skipIf(!hasBrowser())('the console of a trial that ends', () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
  })

  const turn = async (advance: string) => expect((await turnClock(host, advance)).status).toBe(200)
  const reload = async (page: Page) => {
    await page.reload()
    await showsList(page)
  }
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent')

  test('shows the end in the reader’s time zone, and extends the trial once', async () => {
    await using opened = await openWithSite(host, browser, 'ada')
    const { page, site, trouble } = opened
    const endsAt = site.trialEndsAt ?? ''
    await page.getByText(`The trial ends on ${inTokyo(endsAt)}`).waitFor()
    await page.getByRole('button', { name: 'Extend the trial by 7 days' }).focus()
    await page.keyboard.press('Enter')
    const extended = inTokyo(daysLater(endsAt, 7))
    await page.getByRole('status').getByText(`Your trial is extended. The trial now ends on ${extended}.`).waitFor()
    await page.getByText(`The trial ends on ${extended}`).waitFor()
    expect(await page.getByRole('button', { name: 'Extend' }).count()).toBe(0)
    // The pressed button is gone: the keyboard continues from the site that it belonged to.
    expect(await focused(page)).toBe("ada's shop")
    expect(trouble).toEqual([])
  })

  test('resumes an ended trial with its extension, then offers plans', async () => {
    await using opened = await openWithSite(host, browser, 'grace')
    const { page, site, trouble } = opened
    await writeEntry(host, 'grace', 'kept')
    await turn('P14D')
    await reload(page)
    await page.getByText('Your site is suspended because its trial has ended.').waitFor()
    await page.getByText('unless you resume it first').waitFor()
    await page.getByText('Resuming your site uses your extension and continues the trial for 7 days.').waitFor()
    await press(page, 'Resume site')
    await page.getByRole('status').getByText('Your site is starting. The trial now ends on').waitFor()
    await page.getByText('Your site is running on the Trial plan.').waitFor()
    await waitFor(async () => (await readEntries(host, 'grace')).includes('kept'))

    await turn('P8D')
    await reload(page)
    await page.getByText('You have used the trial extension. Resuming your site requires a plan.').waitFor()
    await press(page, 'Resume site')
    await page.getByRole('alert').getByText('The trial of this site has ended. Choose a plan').waitFor()
    await page.getByText('Starter €19.00 a month').waitFor()
    await page.getByText('For larger plans, write to us.').waitFor()
    expect((await getSite(host, opened.person, site.id)).status).toBe('suspended')
    expect(trouble).toEqual([])
  })

  test('shows an archived site being restored, without a reload', async () => {
    await using opened = await openWithSite(host, browser, 'mary')
    const { page, trouble } = opened
    await writeEntry(host, 'mary', 'archived and back')
    await turn('P36D')
    await reload(page)
    await page.getByText('Your site is archived').waitFor()
    await page.getByText('You can restore it until').waitFor()
    await press(page, 'Restore site')
    await page.getByRole('status').getByText('Your site is being restored from its archive.').waitFor()
    expect(await page.getByRole('button', { name: 'Restore site' }).count()).toBe(0)
    await page.getByRole('status').getByText('Your site is restored with all its data.').waitFor()
    await page.getByRole('link', { name: 'Open my site' }).click()
    await page.getByText('archived and back').waitFor()
    expect(trouble).toEqual([])
  })

  test('deletes a site after its hostname is typed, and cancels the deletion', async () => {
    await using opened = await openWithSite(host, browser, 'joan')
    const { page, trouble } = opened
    await press(page, 'Delete site')
    const dialog = page.getByRole('dialog', { name: "Delete joan's shop?" })
    await dialog.getByText('You can cancel the deletion for 7 days.').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('delete-hostname')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await focused(page)).toBe('Delete site')

    await page.keyboard.press('Enter')
    await dialog.getByLabel('Type joan.localhost to confirm').fill('joan')
    await page.keyboard.press('Enter')
    await dialog.getByText('Type the hostname of the site to confirm the deletion.').waitFor()
    await dialog.getByLabel('Type joan.localhost to confirm').fill('joan.localhost')
    await dialog.getByRole('button', { name: 'Delete site' }).click()
    await page.getByRole('status').getByText('Your site is scheduled for deletion.').waitFor()
    await page.getByText('Your site will be deleted permanently on').waitFor()
    expect(await focused(page)).toBe("joan's shop")

    await press(page, 'Cancel deletion')
    await page.getByRole('status').getByText('The deletion is cancelled.').waitFor()
    await press(page, 'Resume site')
    await page.getByText('Your site is running on the Trial plan.').waitFor()
    expect(trouble).toEqual([])
  })

  test('takes, lists and downloads a copy', async () => {
    await using opened = await openWithSite(host, browser, 'edith')
    const { page, trouble } = opened
    await writeEntry(host, 'edith', 'copied')
    await page.getByText('Data copies').click()
    await page.getByText('There are no copies yet.').waitFor()
    await page.getByText('Your site pauses for a moment during the copy').waitFor()
    await press(page, 'Copy data now')
    await page.getByRole('status').getByText('Your data is being copied.').waitFor()
    await page.getByRole('status').getByText('The copy is complete and verified.').waitFor()
    await page.getByText(/\d (bytes|kB|MB), requested by you, your site paused for [\d.]+ seconds?/).waitFor()
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the copy of' }).click()
    const download = await coming
    expect(download.suggestedFilename()).toMatch(/^site_\w+-arc_\w+\.tar\.zst$/)
    const content = await readFile(await download.path())
    // RFC 8878, 3.1.1: how every frame of zstd begins.
    expect(content.readUInt32LE(0)).toBe(0xfd2fb528)
    await waitFor(async () => (await readEntries(host, 'edith')).includes('copied'))
    expect(trouble).toEqual([])
  })

  test('refreshes during an operation, but only while the page is visible', async () => {
    await using opened = await openWithSite(host, browser, 'lise')
    const { page, site } = opened
    let looks = 0
    let operation: string | null = 'copy'
    // A slow request that fails: played here, since the host would take seconds for it.
    const asPlayed = (found: object) => ({ ...found, operation, storage: 'full' })
    await page.route('**/v1/sites', async (route) => {
      const response = await route.fetch()
      const { sites } = (await response.json()) as { sites: object[] }
      await route.fulfill({ response, json: { sites: sites.map(asPlayed) } })
    })
    await page.route(`**/v1/sites/${site.id}`, async (route) => {
      looks += 1
      const response = await route.fetch()
      await route.fulfill({ response, json: asPlayed((await response.json()) as object) })
    })
    await reload(page)
    await page.getByRole('status').getByText('Your data is being copied.').waitFor()
    await page.getByText('The storage of your site is full').waitFor()
    await waitFor(async () => looks >= 2)
    await page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })")
    // The requests that ran when it was hidden.
    await page.waitForTimeout(500)
    const before = looks
    await page.waitForTimeout(4500)
    expect(looks).toBe(before)
    await page.evaluate('delete document.hidden')
    await waitFor(async () => looks > before)
    operation = null
    await page.getByRole('alert').getByText('The copy failed.').waitFor()
    await page.getByRole('button', { name: 'Copy data now', includeHidden: true }).waitFor({ state: 'attached' })
  })

  test('shows the problem of a refused request and the current state', async () => {
    await using opened = await openWithSite(host, browser, 'vera')
    const { page, person, site } = opened
    await call(host, { method: 'POST', path: `/v1/sites/${site.id}/extend`, headers: person.bearer })
    await press(page, 'Extend the trial by 7 days')
    await page.getByRole('alert').getByText('The trial was extended already.').waitFor()
    // The status and the buttons are renewed one after the other.
    await expect.poll(() => page.getByRole('button', { name: 'Extend' }).count(), { timeout: 10_000 }).toBe(0)
  })

  test('fits on a phone, dialog and all', async () => {
    await using opened = await openWithSite(host, browser, 'a-name-that-is-rather-long-for-a-phone')
    const { page } = opened
    await page.setViewportSize({ width: 320, height: 640 })
    await page.getByText('Plans and prices').click()
    await page.getByText('Starter €19.00 a month').waitFor()
    await page.getByText('Data copies').click()
    const width = () => page.evaluate('document.documentElement.scrollWidth')
    expect(await width()).toBeLessThanOrEqual(320)
    await press(page, 'Delete site')
    const box = await page.getByRole('dialog').boundingBox()
    expect(box?.x).toBeGreaterThanOrEqual(0)
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(320)
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
