import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { startHost } from '../support/start-host.ts'

describe.skipIf(!hasBrowser())('the plain page in a browser', () => {
  let host: StartedHost
  let browser: Browser
  let context: BrowserContext
  let page: Page
  /** What a reader of the browser's console would see; refused calls, which the page shows itself, are no trouble. */
  let trouble: string[]

  beforeAll(async () => {
    host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    page.setDefaultTimeout(45_000)
    trouble = []
    page.on('pageerror', (error) => trouble.push(error.message))
    page.on('console', (message) => {
      const isOfInterest = message.type() === 'error' && !message.text().startsWith('Failed to load resource')
      if (isOfInterest) trouble.push(message.text())
    })
    return () => context.close()
  })

  const mailTo = async (email: string): Promise<{ code: string; links: string[] }> => {
    const response = await fetch(`${host.url}/_local/mail?to=${email}`, { headers: { accept: 'application/json' } })
    const { messages } = (await response.json()) as { messages: { code: string; links: string[] }[] }
    expect(messages).toHaveLength(1)
    return messages[0]!
  }

  const signUp = async (email: string) => {
    await page.goto(host.url)
    await page.getByLabel('E-mail address').fill(email)
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByRole('heading', { name: 'Type your code' }).waitFor()
  }

  test('signs up with an e-mail address and stores data on the new site', async () => {
    await signUp('ada@example.com')
    await page.getByRole('link', { name: 'read the code in the local mailbox' }).waitFor()
    await page.getByLabel('Code').fill('nothing')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Type the six digits from the mail.').waitFor()
    const { code } = await mailTo('ada@example.com')
    await page.getByLabel('Code').fill(code === '000000' ? '111111' : '000000')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('The code is wrong. 4 of 5 tries are left.').waitFor()
    await page.getByLabel('Code').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await page.getByRole('button', { name: 'Continue' }).click()

    await page.getByLabel('Name').fill("Ada's Shop")
    await page.getByText('adas-shop.localhost is free.').waitFor()
    await page.getByLabel('Address', { exact: true }).fill('www')
    await page.getByText('The address is reserved.').waitFor()
    await page.getByRole('button', { name: 'Create site' }).click()
    await page.locator('#slug-problem:not(:empty)').waitFor()
    await page.getByLabel('Address', { exact: true }).fill('adas-shop')
    await page.getByRole('button', { name: 'Create site' }).click()
    await page.getByRole('link', { name: 'Open my site' }).click()

    await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
    await page.getByText('Welcome, ada@example.com.').waitFor()
    expect(new URL(page.url()).host).toBe(`adas-shop.localhost:${host.port}`)
    await page.getByLabel('New entry').fill('<b>kept</b>')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('<b>kept</b>').waitFor()
    await page.reload()
    await page.getByText('<b>kept</b>').waitFor()
    expect(trouble).toEqual([])
  })

  test('asks to confirm the link of a mail, then stays signed in until sign-out', async () => {
    await signUp('grace@example.com')
    const link = (await mailTo('grace@example.com')).links[0] ?? ''
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByRole('button', { name: 'Confirm and continue' }).click()
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    expect(page.url()).toBe(`${host.url}/#/`)
    await page.getByText('grace@example.com').waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('E-mail address').waitFor()
    expect(await context.cookies(host.url)).toEqual([])
    expect(trouble).toEqual([])
  })

  test('shows the site to a returning owner', async () => {
    await signUp('mary@example.com')
    await page.getByLabel('Code').fill((await mailTo('mary@example.com')).code)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByLabel('Name').fill('Mary')
    await page.getByText('mary.localhost is free.').waitFor()
    await page.getByRole('button', { name: 'Create site' }).click()
    await page.getByRole('link', { name: 'Open my site' }).waitFor()
    await page.goto(host.url)
    await page.getByRole('heading', { name: 'Your sites' }).waitFor()
    const link = page.getByRole('link', { name: 'Open my site' })
    expect(new URL((await link.getAttribute('href')) ?? '').host).toBe(`mary.localhost:${host.port}`)
    expect(await page.getByRole('link', { name: 'Create a site' }).isVisible()).toBe(false)
    await page.route('**/v1/sites/*/entrance', (route) => route.abort())
    await link.click()
    await page.getByText('This site is running, and what you write here stays.').waitFor()
    await page.unroute('**/v1/sites/*/entrance')
    await page.goBack()
    await page.getByRole('link', { name: 'Open my site' }).click()
    await page.getByText('Welcome, mary@example.com.').waitFor()
    expect(page.url()).toBe(`http://mary.localhost:${host.port}/`)
  })

  test('fits on a phone', async () => {
    await page.setViewportSize({ width: 320, height: 640 })
    await page.goto(host.url)
    await page.getByLabel('E-mail address').waitFor()
    const width = await page.evaluate('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(320)
  })
})
