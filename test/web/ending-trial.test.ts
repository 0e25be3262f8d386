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

  test('says when it ends by the reader’s own clock, and extends it once', async () => {
    await using opened = await openWithSite(host, browser, 'ada')
    const { page, site, trouble } = opened
    const endsAt = site.trialEndsAt ?? ''
    await page.getByText(`The trial ends on ${inTokyo(endsAt)}.`).waitFor()
    await page.getByRole('button', { name: 'Extend the trial by 7 days' }).focus()
    await page.keyboard.press('Enter')
    const extended = inTokyo(daysLater(endsAt, 7))
    await page.getByRole('status').getByText(`It is extended. Its trial now ends on ${extended}.`).waitFor()
    await page.getByText(`The trial ends on ${extended}.`).waitFor()
    expect(await page.getByRole('button', { name: 'Extend' }).count()).toBe(0)
    // What was pressed is gone: the keyboard goes on from the site that it belonged to.
    expect(await focused(page)).toBe("ada's shop")
    expect(trouble).toEqual([])
  })

  test('takes an ended one up again with its extension, and tells of the plans where none is left', async () => {
    await using opened = await openWithSite(host, browser, 'grace')
    const { page, site, trouble } = opened
    await writeEntry(host, 'grace', 'kept')
    await turn('P14D')
    await reload(page)
    await page.getByText('It is switched off, because its trial has ended.').waitFor()
    await page.getByText('Then it is archived.').waitFor()
    await page.getByText('Taking it up again uses your extension: its trial then goes on for 7 days.').waitFor()
    await press(page, 'Take it up again')
    await page.getByRole('status').getByText('It is starting again. Its trial now ends on').waitFor()
    await page.getByText('It is running, on the plan trial.').waitFor()
    await waitFor(async () => (await readEntries(host, 'grace')).includes('kept'))

    await turn('P8D')
    await reload(page)
    await page.getByText('The extension of its trial is used. Taking it up again needs a plan.').waitFor()
    await press(page, 'Take it up again')
    await page.getByRole('alert').getByText('The trial of this site has ended. Choose a plan').waitFor()
    await page.getByText('Starter €19.00 a month').waitFor()
    await page.getByText('Larger plans are by arrangement: write to us.').waitFor()
    expect((await getSite(host, opened.person, site.id)).status).toBe('suspended')
    expect(trouble).toEqual([])
  })

  test('shows an archived one coming back, without a reload', async () => {
    await using opened = await openWithSite(host, browser, 'mary')
    const { page, trouble } = opened
    await writeEntry(host, 'mary', 'archived and back')
    await turn('P36D')
    await reload(page)
    await page.getByText('It is archived').waitFor()
    await page.getByText('It can be restored until').waitFor()
    await press(page, 'Restore it')
    await page.getByRole('status').getByText('It is being restored from its archive.').waitFor()
    expect(await page.getByRole('button', { name: 'Restore it' }).count()).toBe(0)
    await page.getByRole('status').getByText('It is back, with all its data.').waitFor()
    await page.getByRole('link', { name: 'Open my site' }).click()
    await page.getByText('archived and back').waitFor()
    expect(trouble).toEqual([])
  })

  test('deletes it after its hostname was typed, and keeps it after all', async () => {
    await using opened = await openWithSite(host, browser, 'joan')
    const { page, trouble } = opened
    await press(page, 'Delete it')
    const dialog = page.getByRole('dialog', { name: "Delete joan's shop?" })
    await dialog.getByText('For 7 days you can keep it after all.').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('delete-hostname')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await focused(page)).toBe('Delete it')

    await page.keyboard.press('Enter')
    await dialog.getByLabel('Type joan.localhost to confirm').fill('joan')
    await page.keyboard.press('Enter')
    await dialog.getByText('Type the hostname of the site to confirm the deletion.').waitFor()
    await dialog.getByLabel('Type joan.localhost to confirm').fill('joan.localhost')
    await dialog.getByRole('button', { name: 'Delete my site' }).click()
    await page.getByRole('status').getByText('It is to be deleted.').waitFor()
    await page.getByText('It is deleted for good on').waitFor()
    expect(await focused(page)).toBe("joan's shop")

    await press(page, 'Keep it after all')
    await page.getByRole('status').getByText('It is kept.').waitFor()
    await press(page, 'Take it up again')
    await page.getByText('It is running, on the plan trial.').waitFor()
    expect(trouble).toEqual([])
  })

  test('takes a copy, lists it and hands it out', async () => {
    await using opened = await openWithSite(host, browser, 'edith')
    const { page, trouble } = opened
    await writeEntry(host, 'edith', 'copied')
    await page.getByText('Copies of its data').click()
    await page.getByText('There is no copy yet.').waitFor()
    await page.getByText('The site pauses for a moment while its data is copied').waitFor()
    await press(page, 'Take a copy now')
    await page.getByRole('status').getByText('A copy of its data is being taken.').waitFor()
    await page.getByRole('status').getByText('The copy is taken and checked.').waitFor()
    await page.getByText(/\d (bytes|kB|MB), taken for you, the site paused for [\d.]+ seconds?/).waitFor()
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

  test('looks again while something goes on, and only while somebody sees it', async () => {
    await using opened = await openWithSite(host, browser, 'lise')
    const { page, site } = opened
    let looks = 0
    let operation: string | null = 'copy'
    // One that takes its time, and comes to nothing: what the host would take seconds for is played here.
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
    await page.getByRole('status').getByText('A copy of its data is being taken.').waitFor()
    await page.getByText('Its storage is full').waitFor()
    await waitFor(async () => looks >= 2)
    await page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })")
    // What was under way when it was hidden.
    await page.waitForTimeout(500)
    const before = looks
    await page.waitForTimeout(4500)
    expect(looks).toBe(before)
    await page.evaluate('delete document.hidden')
    await waitFor(async () => looks > before)
    operation = null
    await page.getByRole('alert').getByText('The copy could not be taken.').waitFor()
    await page.getByRole('button', { name: 'Take a copy now', includeHidden: true }).waitFor({ state: 'attached' })
  })

  test('says what the API says where it refuses, and how it is now', async () => {
    await using opened = await openWithSite(host, browser, 'vera')
    const { page, person, site } = opened
    await call(host, { method: 'POST', path: `/v1/sites/${site.id}/extend`, headers: person.bearer })
    await press(page, 'Extend the trial by 7 days')
    await page.getByRole('alert').getByText('The trial has been extended already.').waitFor()
    // What is said and what can be done are renewed one after the other.
    await expect.poll(() => page.getByRole('button', { name: 'Extend' }).count(), { timeout: 10_000 }).toBe(0)
  })

  test('fits on a phone, dialog and all', async () => {
    await using opened = await openWithSite(host, browser, 'a-name-that-is-rather-long-for-a-phone')
    const { page } = opened
    await page.setViewportSize({ width: 320, height: 640 })
    await page.getByText('Plans and prices').click()
    await page.getByText('Starter €19.00 a month').waitFor()
    await page.getByText('Copies of its data').click()
    const width = () => page.evaluate('document.documentElement.scrollWidth')
    expect(await width()).toBeLessThanOrEqual(320)
    await press(page, 'Delete it')
    const box = await page.getByRole('dialog').boundingBox()
    expect(box?.x).toBeGreaterThanOrEqual(0)
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(320)
  })

  test('puts whoever finds no room on the list, and says so', async () => {
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
    await page.getByLabel('Name').fill('Hedy')
    await page.getByText('hedy.localhost is free.').waitFor()
    await press(page, 'Create my site')
    await page.getByRole('heading', { name: 'You are on the list' }).waitFor()
    await page.getByText('We write to you as soon as it is your turn').waitFor()
    expect((await pause(false)).status).toBe(200)
  })
})
