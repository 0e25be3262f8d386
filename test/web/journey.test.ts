import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { tellSleep } from '../acceptance/sleep/story.ts'
import { createTimeline } from '../acceptance/timeline.ts'
import { call } from '../e2e/call.ts'
import { poolIsFull } from '../e2e/visitor.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

// Sites sleep after a minute, and the sweep runs every minute.
vi.setConfig({ testTimeout: 600_000 })
const fallMilliseconds = 240_000

let host: StartedHost

beforeAll(async () => {
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '4' }, program: 'test/acceptance/sleep/host.ts' })
  await poolIsFull(host)
  return host.stop
})

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent')
const cardOf = (page: Page, plan: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: plan }) })
const openTab = (page: Page, name: string) => page.getByRole('tab', { name }).click()

const signUp = async (page: Page) => {
  await page.goto(host.url)
  await page.locator('form[novalidate]').waitFor()
  await page.getByLabel('E-mail address').fill('ada@example.com')
  await press(page, 'Send me a code')
  await page.getByLabel('Code', { exact: true }).fill(await codeFromMailbox(host.url, 'ada@example.com'))
  await page.getByLabel('Name', { exact: true }).fill("Ada's Shop")
  await page.getByText('adas-shop.localhost is free.').waitFor()
  await press(page, 'Create my site')
  await page.getByText("This is Ada's Shop, your own site.").waitFor()
}

const write = async (page: Page) => {
  await page.getByLabel('New entry').fill('<b>kept</b>')
  await press(page, 'Save')
  await page.getByText('<b>kept</b>').waitFor()
}

const sleepAndWake = async (page: Page) => {
  await page.goto(host.url)
  await page.getByText('Awake', { exact: true }).waitFor()
  await page.getByText('Asleep', { exact: true }).waitFor({ timeout: fallMilliseconds })
  const entered = page.waitForResponse((answer) => answer.url().endsWith('/entrance'))
  await page.getByRole('link', { name: 'Open my site' }).click()
  expect((await entered).status()).toBe(201)
  await page.getByText("This is Ada's Shop, your own site.").waitFor()
  await page.getByText('<b>kept</b>').waitFor()
  await page.goto(`${host.url}/sites/`)
  await page.getByText('Awake', { exact: true }).waitFor()
  // Without an entrance, the link opens the site as for everybody.
  await page.route('**/entrance', (route) => route.abort())
  await page.getByRole('link', { name: 'Open my site' }).click()
  await page.waitForURL((url) => url.hostname === 'adas-shop.localhost')
  await page.unrouteAll({ behavior: 'wait' })
  await page.goto(`${host.url}/sites/`)
  await page.getByRole('link', { name: "Ada's Shop" }).click()
}

const upgrade = async (page: Page) => {
  await openTab(page, 'Plan')
  await page.getByText('Nothing is charged until you choose a plan.').waitFor()
  await cardOf(page, 'Starter').getByText('€19 a month', { exact: true }).waitFor()
  await cardOf(page, 'Starter').getByText('2 GB of storage (now 256 MB)').waitFor()
  await cardOf(page, 'Growth').getByText('Your own domains (new)').waitFor()
  await page.getByLabel('Yearly').check()
  await cardOf(page, 'Growth').getByText('€65.83 a month').waitFor()
  await page.getByLabel('Currency').selectOption('USD')
  await cardOf(page, 'Growth').getByText('US$890 a year', { exact: true }).waitFor()
  await page.getByText('Stripe charges US$890 when you buy, then every year.').waitFor()
  const { hash } = new URL(page.url())
  await press(page, 'Choose Growth')
  await page.waitForURL(/\/_local\/stripe\/pay\/cs_/)
  await page.getByLabel(/card/i).first().fill('4242424242424242')
  await expectAccessible(page, 'checkout')
  await press(page, 'Pay $890.00')
  await page.getByRole('status').getByText('Thank you. Your subscription has started.').waitFor()
  await page.getByText('Plan: Growth').waitFor()
  await page.getByText('Your subscription is billed yearly. It renews on').waitFor()
  expect(new URL(page.url()).hash).toBe(hash)
  await expectAccessible(page, 'owner-bought')
}

const addDomain = async (page: Page) => {
  await openTab(page, 'Domains')
  await page.getByLabel('Hostname').fill('www.ada.example.com')
  const adding = page.waitForResponse(
    (answer) => answer.request().method() === 'POST' && answer.url().endsWith('/domains'),
  )
  await press(page, 'Add domain')
  const { records } = (await (await adding).json()) as { records: { type: string; name: string; value: string }[] }
  for (const { type, name, value } of records) {
    const body = type === 'TXT' ? { TXT: value } : { CNAME: value }
    expect((await call(host, { method: 'PUT', path: `/_local/dns/${name}`, body })).status).toBe(200)
  }
  const domain = page.getByRole('listitem', { name: 'www.ada.example.com', exact: true })
  await domain.getByRole('button', { name: 'Check now' }).click()
  await domain.getByText('The domain is verified.').waitFor()
  await waitFor(async () => (await call(host, { at: 'www.ada.example.com', path: '/' })).status === 200)
}

/** Cancels the subscription in Stripe's portal, and resumes it there. */
const cancelAndResume = async (page: Page) => {
  await openTab(page, 'Plan')
  await press(page, 'Invoices and card')
  await press(page, 'Cancel at the end of the period')
  await page.getByRole('button', { name: 'Do not cancel' }).waitFor()
  await page.getByRole('link', { name: 'Back' }).click()
  await page.getByText('Your subscription is cancelled and ends on').waitFor()
  await page.getByText('Until then nothing changes.').waitFor()
  await expectAccessible(page, 'owner-cancelled')
  await press(page, 'Invoices and card')
  await press(page, 'Do not cancel')
  await page.getByRole('button', { name: 'Cancel at the end of the period' }).waitFor()
  await page.getByRole('link', { name: 'Back' }).click()
  await page.getByText('Your subscription is billed yearly. It renews on').waitFor()
}

const deleteSite = async (page: Page) => {
  await openTab(page, 'Settings')
  await press(page, 'Delete site')
  const dialog = page.getByRole('dialog', { name: "Delete Ada's Shop?" })
  await dialog.getByText('Its subscription ends with the period that you have paid for.').waitFor()
  expect(await page.evaluate('document.activeElement.name')).toBe('confirm')
  await expectAccessible(page, 'owner-delete')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await waitFor(async () => (await focused(page)) === 'Delete site')
  await page.keyboard.press('Enter')
  const field = dialog.getByLabel('Type adas-shop.localhost to confirm')
  await field.fill('adas-shop')
  await page.keyboard.press('Enter')
  await dialog.getByText('Type the address of the site to confirm the deletion.').waitFor()
  await field.fill('adas-shop.localhost')
  await dialog.getByRole('button', { name: 'Delete site' }).click()
  await page.getByRole('status').getByText('Your site is scheduled for deletion on').waitFor()
  await page.getByText('Your site will be deleted permanently on').waitFor()
  await page.getByText('Being deleted', { exact: true }).waitFor()
  await waitFor(async () => (await focused(page)).includes("Ada's Shop"))
}

// At the same time, since both wait for sites to fall asleep.
describe.concurrent('a host whose trials sleep after a minute', () => {
  it.skipIf(!hasBrowser())('somebody signs up, uses, buys, cancels, resumes and deletes a site', async () => {
    await using browser: Browser = await launchBrowser()
    const { page } = await openPage(browser)
    await signUp(page)
    await write(page)
    await sleepAndWake(page)
    await upgrade(page)
    await addDomain(page)
    await cancelAndResume(page)
    await deleteSite(page)
    await press(page, 'Cancel deletion')
    await page.getByRole('status').getByText('The deletion is cancelled.').waitFor()
  })

  it('sites that nobody uses fall asleep, and wake for curl, a browser and a WebSocket with their data', async () => {
    const told: string[] = []
    await tellSleep(
      {
        origin: host.url,
        email: 'eve@example.com',
        slug: 'eve',
        findCode: (email) => codeFromMailbox(host.url, email),
        mayMistype: false,
      },
      createTimeline((line) => told.push(line)),
    )
    expect(told.filter((line) => line.includes('its data is there'))).toHaveLength(3)
  })
})
