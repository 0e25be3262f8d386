import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { call } from '../e2e/call.ts'
import { mailTo } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openBuyer } from './open-buyer.ts'
import { openBrowser } from './open-pages.ts'
import { takeShot } from './take-shot.ts'
import { expectAccessible } from './watch-page.ts'

describe.skipIf(!hasBrowser())('buying in a browser', () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '2' })
    ;({ host, browser } = opening)
    return opening.close
  })

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  const cardOf = (page: Page, plan: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: plan }) })
  /** Shows the plans as they are now. */
  const showPlans = async (page: Page, id: string) => {
    await page.goto(`${host.url}/sites/#/sites/${id}?part=plans`)
    await page.reload()
    await page.getByRole('heading', { name: 'Subscription' }).waitFor()
  }

  test('waits for a payment that Stripe has not told of yet, and shows the plan that it brings', async () => {
    await using buyer = await openBuyer(host, browser, 'lise')
    const { page, site } = buyer
    let isTold = false
    const none = { state: 'none', plan: 'trial', interval: null, currency: null, customerId: null, pendingChange: null }
    await page.route('**/billing', (route) => (isTold ? route.fallback() : route.fulfill({ json: none })))
    await page.goto(`${host.url}/sites/#/bought/${site.id}`)
    await page.getByText('We are confirming your payment.').waitFor()
    await takeShot(page, 'owner-waiting-for-payment')
    await buyer.buy('growth')
    isTold = true
    await page.getByRole('status').getByText('Thank you. Your subscription has started.').waitFor()
    await page.getByText('Plan: Growth').waitFor()
    await page.reload()
    await page.getByText('Your subscription is billed monthly.').waitFor()
    expect(await page.getByText('Thank you.').count()).toBe(0)
  })

  test('says that the bank declined a direct debit, on the page and by mail', async () => {
    await using buyer = await openBuyer(host, browser, 'karen')
    const { page, site, ask, local } = buyer
    const { json } = await ask<{ id: string }>('POST', '/checkout', { plan: 'growth', interval: 'month' })
    const paid = await local(`/checkout/${json.id}/pay`, { card: 'DE78370400440532013004' })
    expect(paid.status).toBe(200)
    await page.goto(`${host.url}/sites/#/bought/${site.id}`)
    await page.getByText('We are confirming your payment.').waitFor()
    const turned = await call(host, { method: 'POST', path: '/_local/clock', body: { advance: 'PT15M' } })
    expect(turned.status).toBe(200)
    await page.reload()
    await page.getByText('Your bank declined the payment. Choose a plan again.').waitFor()
    await page.getByRole('button', { name: 'Choose Growth' }).waitFor()
    const subjects = async () => (await mailTo(host, 'karen@example.com')).map(({ subject }) => subject)
    await waitFor(async () => (await subjects()).includes("The payment for karen's shop was declined"))
  })

  test('sells plans that have prices for a year only, without a choice', async () => {
    await using buyer = await openBuyer(host, browser, 'olga')
    const { page, site } = buyer
    await page.route('**/v1/plans', async (route) => {
      const response = await route.fetch()
      const { plans } = (await response.json()) as { plans: { prices: { interval: string }[] }[] }
      const yearly = plans.map((plan) => ({
        ...plan,
        prices: plan.prices.filter(({ interval }) => interval === 'year'),
      }))
      await route.fulfill({ response, json: { plans: yearly } })
    })
    await showPlans(page, site.id)
    await cardOf(page, 'Starter').getByText('a year').first().waitFor()
    expect(await page.getByRole('radio').count()).toBe(0)
    await press(page, 'Choose Starter')
    await page.waitForURL(/\/_local\/stripe\/pay\/cs_/)
    await page.getByText('per year').waitFor()
  })

  test('returns from an abandoned payment page without a purchase', async () => {
    await using buyer = await openBuyer(host, browser, 'grace')
    const { page, site } = buyer
    await showPlans(page, site.id)
    await press(page, 'Choose Starter')
    await page.waitForURL(/\/_local\/stripe\/pay\/cs_/)
    await page.goBack()
    await cardOf(page, 'Trial').getByText('Your plan').waitFor()
    expect(await buyer.billing()).toMatchObject({ state: 'none' })
  })

  test('changes the plan after a question, and shows a declined payment', async () => {
    await using buyer = await openBuyer(host, browser, 'mary')
    const { page, site } = buyer
    await buyer.buy('starter')
    await showPlans(page, site.id)
    await cardOf(page, 'Starter').getByText('Your plan').waitFor()
    const environments = page.getByRole('tab', { name: 'Environments' })
    expect(await environments.count()).toBe(0)
    // Its currency is fixed.
    expect(await page.getByLabel('Currency').count()).toBe(0)
    const more = page.getByRole('button', { name: 'Change to Growth' })
    expect(await more.getAttribute('class')).toBe('button primary')
    await more.click()
    const dialog = page.getByRole('dialog', { name: 'Change to Growth?' })
    await dialog.getByText(/^€(60|59\.9\d)$/).waitFor()
    // The sum behind it, and when the next invoice comes.
    for (const line of [/^€7[89](\.\d\d)?$/, /^-€1[89](\.\d\d)?$/, 'Unused time of Starter', 'Next invoice'])
      await dialog.getByText(line).waitFor()
    await expectAccessible(page, 'owner-change')
    expect((await buyer.billing()).plan).toBe('starter')
    const { customerId } = await buyer.billing()
    const useCard = (card: string) => buyer.local(`/customers/${customerId}/card`, { card })
    expect((await useCard('4000000000000341')).status).toBe(200)
    await press(page, 'Change to Growth now')
    await dialog.getByText('Your bank declined the payment.').waitFor()
    expect((await useCard('4242424242424242')).status).toBe(200)
    await press(page, 'Change to Growth now')
    await page.getByRole('status').getByText('Your site is now on the Growth plan.').waitFor()
    await page.getByText('Plan: Growth').waitFor()
    await environments.waitFor()
    expect((await buyer.billing()).plan).toBe('growth')
    const less = page.getByRole('button', { name: 'Change to Starter' })
    expect(await less.getAttribute('class')).toBe('button quiet')
    await less.click()
    await page.getByRole('dialog').getByText('Without: Environments (now 3)').waitFor()
    await page.getByText(/^nothing: €(60|59\.9\d) is credited to your next invoices$/).waitFor()
    await page.route('**/usage*', async (route) => {
      const response = await route.fetch()
      const storage = { usedBytes: 50 * 2 ** 30, maxBytes: 100 * 2 ** 30 }
      await route.fulfill({ response, json: { ...(await response.json()), storage } })
    })
    await page.getByRole('button', { name: 'Keep current plan' }).click()
    await less.click()
    await page.getByText('Delete data first, or choose a larger plan.').waitFor()
    const change = page.getByRole('button', { name: 'Change to Starter now' })
    expect(await change.getAttribute('aria-disabled')).toBe('true')
    await expectAccessible(page, 'owner-change-too-large')
  })

  test('shows the price of the subscription, which a raise of the plan’s price leaves as it is', async () => {
    await using buyer = await openBuyer(host, browser, 'radia')
    const { page, site } = buyer
    await buyer.buy('starter')
    await page.route('**/billing', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), amount: 1500 } })
    })
    await showPlans(page, site.id)
    await cardOf(page, 'Starter').getByText('€15 a month').waitFor()
    await press(page, 'Change to Growth')
    await page.getByRole('dialog').getByText('Starter, €15 a month').waitFor()
    // Another interval is bought at its present price.
    await press(page, 'Keep current plan')
    await page.getByText('Yearly', { exact: true }).click()
    await cardOf(page, 'Starter').getByText('€190 a year').waitFor()
  })

  test('waits for the bank of a card that needs it, and links to the confirmation', async () => {
    await using buyer = await openBuyer(host, browser, 'ida')
    const { page, site } = buyer
    // Its bank wants each payment confirmed.
    await buyer.buy('starter', '4000002760003184')
    await showPlans(page, site.id)
    await page.route('**/billing/preview?*', (route) => route.abort())
    await press(page, 'Change to Growth')
    // Stripe could not be asked.
    await page.getByRole('dialog').getByText('the difference for the rest of the period').waitFor()
    await press(page, 'Change to Growth now')
    await page.getByText('Waiting for your bank. Confirm the payment by').waitFor()
    await expectAccessible(page, 'owner-waiting-for-bank')
    expect((await buyer.billing()).plan).toBe('starter')
    await press(page, 'Confirm payment')
    await page.waitForURL(/\/_local\/stripe\/invoice\/in_/)
    await press(page, 'Confirm with your bank')
    await page.getByText('This invoice is paid.').waitFor()
    await waitFor(async () => (await buyer.billing()).plan === 'growth')
  })

  test('cancels a plan change that waits for the bank', async () => {
    await using buyer = await openBuyer(host, browser, 'emmy')
    const { page, site } = buyer
    await buyer.buy('starter', '4000002760003184')
    expect((await buyer.ask('POST', '/plan', { plan: 'growth', interval: 'year' })).status).toBe(202)
    await showPlans(page, site.id)
    await page.getByText('Waiting for your bank. Confirm the payment by').waitFor()
    await press(page, 'Cancel plan change')
    await page.getByRole('status').getByText('The plan change is cancelled. Your plan stays as it is.').waitFor()
    await page.getByText('Waiting for your bank.').waitFor({ state: 'detached' })
    expect(await page.getByRole('button', { name: 'Confirm payment' }).count()).toBe(0)
    expect(await buyer.billing()).toMatchObject({ plan: 'starter', pendingChange: null })
  })

  test('the owner of a paid site chooses when it sleeps', async () => {
    await using buyer = await openBuyer(host, browser, 'edith')
    const { page, site, ask } = buyer
    await buyer.buy('starter')
    await page.goto(`${host.url}/sites/#/sites/${site.id}?part=settings`)
    const field = page.getByLabel('Minutes without visitors')
    const choice = page.getByLabel('Sleeps without visitors after')
    const save = async (text: string) => {
      await field.fill(text)
      await page.keyboard.press('Enter')
    }
    const chosen = async () => (await ask<{ sleepAfterMinutes: number | null }>('GET', '')).json.sleepAfterMinutes
    expect(await choice.inputValue()).toBe('never')
    expect(await field.count()).toBe(0)
    await choice.selectOption('Another time')
    await expectAccessible(page, 'owner-sleep')
    await save('')
    await page.getByText('Type a whole number of minutes.').waitFor()
    await save('45')
    const said = 'Your site sleeps after 45 minutes without visitors. The next visitor wakes it.'
    await page.getByRole('status').getByText(said).waitFor()
    expect(await chosen()).toBe(45)
    await save('soon')
    await page.getByText('Type a whole number of minutes.').waitFor()
    await save('99999')
    await page.getByText('Type 1 to 43,200 minutes, which are 30 days.').waitFor()
    expect(await chosen()).toBe(45)
    await page.reload()
    await page.getByText(said).waitFor()
    expect(await field.inputValue()).toBe('45')
    await save('30')
    await expect.poll(() => choice.inputValue()).toBe('30')
    expect(await chosen()).toBe(30)
    expect(await choice.and(page.locator(':focus')).count()).toBe(1)
    await choice.selectOption('Never')
    await press(page, 'Save')
    await page.getByRole('status').getByText('Your site never sleeps.').waitFor()
    expect(await chosen()).toBeNull()
    // What was said belongs to the view before.
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByRole('button', { name: 'Close message' }).waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: 'Settings' }).click()
    await press(page, 'Rename site')
    await page.getByRole('dialog').press('Escape')
    await press(page, 'Delete site')
    await page.getByText('Its subscription ends with the period that you have paid for.').waitFor()
  })

  test('shows a disputed payment', async () => {
    await using buyer = await openBuyer(host, browser, 'hedy')
    const { page, site } = buyer
    // It can be charged, and its holder has the bank take that back.
    await buyer.buy('starter', '4000000000000259')
    await waitFor(async () => (await buyer.billing()).disputed)
    await showPlans(page, site.id)
    await page.getByText('A payment for this site is disputed at your bank.').waitFor()
  })

  // The last: it advances the clock for all.
  test('says when a payment is due, and links to the portal', async () => {
    await using buyer = await openBuyer(host, browser, 'joan')
    const { page, site } = buyer
    await buyer.buy('starter')
    await showPlans(page, site.id)
    await page.getByText('Your subscription is billed monthly. It renews on').waitFor()
    const { customerId } = await buyer.billing()
    // It can be kept, and is declined when it is charged.
    expect((await buyer.local(`/customers/${customerId}/card`, { card: '4000000000000341' })).status).toBe(200)
    const turned = await call(host, { method: 'POST', path: '/_local/clock', body: { advance: 'P32D' } })
    expect(turned.status).toBe(200)
    await waitFor(async () => (await buyer.billing()).state === 'past-due')
    await page.goto(`${host.url}/sites/#/sites/${site.id}?part=settings`)
    await press(page, 'Delete site')
    await page.getByText('Your bank is not asked again for the payment that failed.').waitFor()
    await page.getByRole('dialog').press('Escape')
    await showPlans(page, site.id)
    await page.getByText('Your last payment failed.').waitFor()
    await page.getByText('otherwise your site is suspended.').waitFor()
    await expectAccessible(page, 'owner-past-due')
    await press(page, 'Invoices and card')
    await page.waitForURL(/\/_local\/stripe\//)
  })
})
