import type { Browser, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../e2e/call.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { showsList } from './console-page.ts'
import { openBuyer } from './open-buyer.ts'
import { takeShot } from './take-shot.ts'

describe.skipIf(!hasBrowser())('buying in a browser', () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '2' } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
  })

  test('buys a plan on the payment page and returns to a paid site', async () => {
    await using buyer = await openBuyer(host, browser, 'ada')
    const { page, trouble } = buyer
    await page.getByText('Plans and prices').click()
    await page.getByText('Starter €19.00 a month').waitFor()
    await page.getByText('Growth €79.00 a month').waitFor()
    await page.getByLabel('Yearly').check()
    await page.getByText('Growth €790.00 a year').waitFor()
    await page.getByLabel('Currency').selectOption('USD')
    await page.getByText('Growth US$890.00 a year').waitFor()
    await takeShot(page, 'plans')
    await page.getByRole('button', { name: 'Choose Growth' }).click()
    await page.waitForURL(/\/_local\/stripe\/pay\/cs_/)
    await takeShot(page, 'payment')
    await page.getByLabel(/card/i).first().fill('4242424242424242')
    await page.getByRole('button', { name: 'Subscribe' }).click()
    await showsList(page)
    await page.getByRole('status').getByText('Thank you. Your subscription has started.').waitFor()
    await page.getByText('Your site is running on the Growth plan.').waitFor()
    await page.getByText('Your subscription is billed yearly and renews on').waitFor()
    await takeShot(page, 'bought')
    expect(await buyer.billing()).toMatchObject({ state: 'active', plan: 'growth' })
    expect(trouble).toEqual([])
  })

  test('shows the plan even if the site list was loaded before the payment', async () => {
    await using buyer = await openBuyer(host, browser, 'lise')
    const { page } = buyer
    await page.getByText('Plans and prices').click()
    await page.getByRole('button', { name: 'Choose Growth' }).click()
    await page.waitForURL(/\/_local\/stripe\/pay\/cs_/)
    const isList = (url: URL): boolean => url.pathname === '/v1/sites'
    const asBefore = async (route: Route): Promise<void> => {
      const response = await route.fetch()
      const { sites } = (await response.json()) as { sites: object[] }
      await route.fulfill({
        response,
        json: { sites: sites.map((site) => ({ ...site, plan: 'trial', operation: null })) },
      })
    }
    await page.route(isList, asBefore, { times: 1 })
    await page.getByLabel(/card/i).first().fill('4242424242424242')
    await page.getByRole('button', { name: 'Subscribe' }).click()
    await page.getByRole('status').getByText('Thank you. Your subscription has started.').waitFor()
    await page.getByText('Your site is running on the Growth plan.').waitFor()
  })

  test('returns from an abandoned payment page without a purchase', async () => {
    await using buyer = await openBuyer(host, browser, 'grace')
    const { page } = buyer
    await page.getByText('Plans and prices').click()
    await page.getByRole('button', { name: 'Choose Starter' }).click()
    await page.waitForURL(/\/_local\/stripe\/pay\/cs_/)
    await page.goBack()
    await showsList(page)
    await page.getByText('Your site is running on the Trial plan.').waitFor()
    expect(await buyer.billing()).toMatchObject({ state: 'none' })
  })

  test('changes the plan after a second press', async () => {
    await using buyer = await openBuyer(host, browser, 'mary')
    const { page, trouble } = buyer
    await buyer.buy('starter')
    await page.reload()
    await page.getByText('Change plan').click()
    await page.getByText('Your plan').waitFor()
    // Its currency is fixed.
    expect(await page.getByLabel('Currency').count()).toBe(0)
    await page.getByRole('button', { name: 'Change to Growth', exact: true }).click()
    await page.getByText('the difference for the current period is charged or credited now').waitFor()
    await takeShot(page, 'change')
    expect((await buyer.billing()).plan).toBe('starter')
    await page.getByRole('button', { name: 'Change to Growth now' }).click()
    await page.getByRole('status').getByText('Your site is now on the Growth plan.').waitFor()
    await page.getByText('Your site is running on the Growth plan.').waitFor()
    expect((await buyer.billing()).plan).toBe('growth')
    expect(trouble).toEqual([])
  })

  test('waits for the bank of a card that needs it, and links to the confirmation', async () => {
    await using buyer = await openBuyer(host, browser, 'ida')
    const { page, trouble } = buyer
    // Its bank wants each payment confirmed.
    await buyer.buy('starter', '4000002760003184')
    await page.reload()
    await page.getByText('Change plan').click()
    await page.getByRole('button', { name: 'Change to Growth', exact: true }).click()
    await page.getByRole('button', { name: 'Change to Growth now' }).click()
    await page.getByText('Waiting for your bank. Confirm the payment by').waitFor()
    await takeShot(page, 'waiting-for-bank')
    expect((await buyer.billing()).plan).toBe('starter')
    await page.getByRole('button', { name: 'Confirm payment' }).click()
    await page.waitForURL(/\/_local\/stripe\/invoice\/in_/)
    await page.getByRole('button', { name: 'Confirm with your bank' }).click()
    await page.getByText('This invoice is paid.').waitFor()
    await waitFor(async () => (await buyer.billing()).plan === 'growth')
    expect(trouble).toEqual([])
  })

  test('cancels a plan change that waits for the bank', async () => {
    await using buyer = await openBuyer(host, browser, 'emmy')
    const { page, trouble } = buyer
    await buyer.buy('starter', '4000002760003184')
    expect((await buyer.ask('POST', '/plan', { plan: 'growth', interval: 'year' })).status).toBe(202)
    await page.reload()
    await page.getByText('Waiting for your bank. Confirm the payment by').waitFor()
    await page.getByRole('button', { name: 'Cancel plan change' }).click()
    await page.getByRole('status').getByText('The plan change is cancelled. Your plan stays as it is.').waitFor()
    await page.getByText('Waiting for your bank.').waitFor({ state: 'detached' })
    expect(await page.getByRole('button', { name: 'Confirm payment' }).count()).toBe(0)
    await takeShot(page, 'plan-change-cancelled')
    expect(await buyer.billing()).toMatchObject({ plan: 'starter', pendingChange: null })
    expect(trouble).toEqual([])
  })

  test('says when a payment is due, and links to the portal', async () => {
    await using buyer = await openBuyer(host, browser, 'joan')
    const { page } = buyer
    await buyer.buy('starter')
    await page.reload()
    await page.getByText('Your subscription is billed monthly and renews on').waitFor()
    const { customerId } = await buyer.billing()
    // It can be kept, and is declined when it is charged.
    expect((await buyer.local(`/customers/${customerId}/card`, { card: '4000000000000341' })).status).toBe(200)
    const turned = await call(host, { method: 'POST', path: '/_local/clock', body: { advance: 'P32D' } })
    expect(turned.status).toBe(200)
    await waitFor(async () => (await buyer.billing()).state === 'past-due')
    // A session is for thirty days of the wall clock, which nobody turns.
    await page.reload()
    await page.getByText('Your last payment failed. Pay by').waitFor()
    await takeShot(page, 'past-due')
    await page.getByRole('button', { name: 'Manage payment' }).click()
    await page.waitForURL(/\/_local\/stripe\//)
    await takeShot(page, 'portal')
  })

  test('shows a disputed payment and the end of a cancelled subscription', async () => {
    await using buyer = await openBuyer(host, browser, 'hedy')
    const { page, trouble } = buyer
    // It can be charged, and its holder has the bank take that back.
    await buyer.buy('starter', '4000000000000259')
    await waitFor(async () => (await buyer.billing()).disputed)
    await page.reload()
    await page.getByText('A payment for this site is disputed at your bank.').waitFor()
    await page.getByRole('button', { name: 'Manage payment' }).click()
    await page.getByRole('button', { name: 'Cancel at the end of the period' }).click()
    await page.getByRole('button', { name: 'Do not cancel' }).waitFor()
    await waitFor(async () => (await buyer.billing()).cancelsAtPeriodEnd)
    await page.getByRole('link', { name: 'Back' }).click()
    await showsList(page)
    await page.getByText('Your subscription is cancelled and ends on').waitFor()
    await page.getByText('Until then nothing changes.').waitFor()
    await takeShot(page, 'cancelled')
    expect(trouble).toEqual([])
  })

  test('fits on a phone', async () => {
    await using buyer = await openBuyer(host, browser, 'edith')
    const { page } = buyer
    await buyer.buy('starter')
    await page.reload()
    await page.setViewportSize({ width: 320, height: 640 })
    await page.getByText('Change plan').click()
    await page.getByRole('button', { name: 'Change to Growth', exact: true }).click()
    await page.getByRole('button', { name: 'Keep current plan' }).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    await takeShot(page, 'phone')
  })
})
