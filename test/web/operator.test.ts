import type { Browser, BrowserContext, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSite, getSite, type SiteBody, signIn } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { chooseAct, openBrowser, openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

describe.skipIf(!hasBrowser())('the pages of operators in a browser', () => {
  let host: StartedHost
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let site: SiteBody
  let owner: Awaited<ReturnType<typeof signIn>>

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '0' })
    ;({ host, browser } = opening)
    owner = await signIn(host, 'ada@example.com')
    const { id } = (await createSite(host, owner, { slug: 'adas-shop', name: "Ada's Shop" })).json
    site = await waitFor(async () => {
      const found = await getSite(host, owner, id)
      return found.status === 'active' ? found : undefined
    })
    return opening.close
  })
  beforeEach(async () => {
    ;({ context, page } = await openPage(browser))
    return () => context.close()
  })

  const open = async (hash = '#/', role = 'Admin') => {
    await page.goto(`${host.url}/operator/${hash}`)
    await page.getByRole('heading', { name: 'Sign in as an operator' }).waitFor()
    await page.getByLabel(role).check()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('operator@example.com').waitFor()
  }

  test('signs in on this machine, shows the overview and signs out', async () => {
    await page.goto(`${host.url}/operator/`)
    await page.getByRole('heading', { name: 'Sign in as an operator' }).waitFor()
    await expectAccessible(page, 'operator-sign-in')
    await open()
    await page.getByRole('heading', { name: 'Sites by state' }).waitFor()
    await page.getByRole('img', { name: 'Bars by day for the last 30 days' }).waitFor()
    await expectAccessible(page, 'operator-overview')
    await page.getByRole('link', { name: 'Sites', exact: true }).click()
    await page.getByRole('link', { name: "Ada's Shop" }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in as an operator' }).waitFor()
  })

  const signInBy = (method: string) =>
    page.route('**/v1/operator/sign-in/methods', (route) => route.fulfill({ json: { method } }))
  const openSession = () =>
    page.request.post(`${host.url}/_local/operators/session`, { data: { email: 'eve@example.com', role: 'admin' } })

  test('signs in on the page of an identity provider, and returns to the view', async () => {
    await signInBy('hosted')
    // The page of the provider.
    await page.route(/\/sign-in\?returnTo=/, (route) => route.fulfill({ contentType: 'text/html', body: 'provider' }))
    await page.goto(`${host.url}/operator/?signIn=refused#/sites?order=oldest`)
    await page.getByText('You were not signed in.').waitFor()
    await expectAccessible(page, 'operator-sign-in-hosted')
    await page.getByRole('link', { name: 'Continue to sign-in' }).click()
    await page.getByText('provider', { exact: true }).waitFor()
    await openSession()
    await page.goto(`${host.url}/operator/`)
    await page.getByRole('link', { name: "Ada's Shop" }).waitFor()
    expect(page.url()).toBe(`${host.url}/operator/#/sites?order=oldest`)
  })

  test('signs in with a mailed code and a one-time password', async () => {
    await signInBy('code-and-totp')
    await page.route('**/v1/operator/sign-in', (route) =>
      route.fulfill({ status: 201, json: { id: 'ops_1', expiresAt: '2026-11-22T10:00:00.000Z' } }),
    )
    const given: unknown[] = []
    await page.route('**/v1/operator/sign-in/ops_1/verification', async (route) => {
      given.push(route.request().postDataJSON())
      const problem = { type: 'urn:sitewright:problem:code-wrong', title: 'x', status: 403 }
      if (given.length === 1) return route.fulfill({ status: 403, json: problem })
      await openSession()
      return route.fulfill({ json: {} })
    })
    await page.goto(`${host.url}/operator/`)
    await page.getByLabel('E-mail address').fill('eve@example.com')
    await page.getByRole('button', { name: 'Mail me a code' }).click()
    await page.getByText('we have mailed a code there').waitFor()
    await page.getByLabel('Code from the mail').fill('123456')
    await page.getByLabel('One-time password').fill('654321')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The code or the one-time password is wrong.').waitFor()
    await expectAccessible(page, 'operator-sign-in-code')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Sites by state' }).waitFor()
    expect(given).toEqual(Array.from({ length: 2 }, () => ({ code: '123456', totp: '654321' })))
  })

  test('keeps the reason while it previews another duration, and enters a site as support', async () => {
    await open(`#/sites/${site.id}`)
    await page.getByRole('button', { name: 'Extend trial' }).click()
    await page.getByLabel('Reason').fill('waits for a budget')
    const later = page.waitForResponse((answer) => answer.url().includes('by=P30D'))
    await page.getByLabel('30 days').check()
    await later
    expect(await page.getByLabel('Reason').inputValue()).toBe('waits for a budget')
    await page.getByRole('dialog').press('Escape')
    await page.getByRole('button', { name: 'Enter as support' }).click()
    await page.getByLabel('Reason').fill('a question')
    await expectAccessible(page, 'operator-enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Enter as support' }).click()
    await page.waitForURL((url) => url.hostname === 'adas-shop.localhost')
  })

  test('shows the brake, and failures with their causes and output', async () => {
    const at = '2026-11-22T10:00:00.000Z'
    const failure = {
      id: 'fail_1',
      at,
      during: 'wake',
      cause: 'crash',
      detail: 'It ended 3 times.',
      blueprint: { name: 'welcome', version: 1 },
    }
    await page.route('**/v1/operator/overview', async (route) => {
      const overview = await (await route.fetch()).json()
      overview.brake.tripped = { at, because: 'too-many', detail: '30 endings in an hour.' }
      overview.failures = [
        { ...failure, siteId: site.id, hostname: 'adas-shop.localhost', status: 'failed', evidence: '', retry: null },
      ]
      overview.revenue = { at, monthly: [{ currency: 'EUR', amount: 190_000, subscriptions: 100 }] }
      await route.fulfill({ json: overview })
    })
    const lines = Array.from({ length: 60 }, (_, line) => `line ${line}`)
    const lastEnd = { exitCode: 1 }
    const container = { name: 'main', isRunning: false, ends: 3, lastEnd, lines }
    const evidence = { ...failure, error: 'x', healthPath: '/', healthAnswer: null, port: 80, listeners: null }
    await page.route(`**/v1/operator/sites/${site.id}/failures`, (route) =>
      route.fulfill({ json: { failures: [{ ...evidence, containers: [container] }] } }),
    )
    await open()
    await page.getByText('30 endings in an hour.').waitFor()
    await page.getByText('€1,900').waitFor()
    await expectAccessible(page, 'operator-overview-failures')
    await page.getByRole('link', { name: 'adas-shop.localhost' }).click()
    await page.getByRole('heading', { name: 'The program crashed' }).waitFor()
    await page.getByRole('region', { name: 'Last output of main' }).waitFor()
    await expectAccessible(page, 'operator-failures')
  })

  test('finds sites, acts and views from anywhere', async () => {
    await open()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.keyboard.press('Tab')
    // It lies above the header that stays.
    await page.getByRole('link', { name: 'Skip to content' }).click({ trial: true })
    const find = async (text: string, option: string) => {
      await page.keyboard.press('Control+k')
      await page.keyboard.type(text)
      await page.getByRole('option', { name: option, selected: true }).waitFor()
    }
    await find('shop', "Ada's Shop")
    await expectAccessible(page, 'operator-palette')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
    // With forced colours, every border is drawn.
    const widths = "[...document.querySelectorAll('[role=tab]')].map((tab) => getComputedStyle(tab).borderBottomWidth)"
    expect(await page.evaluate(widths)).toEqual(['3px', ...Array(6).fill('0px')])
    await find('suspend', 'Suspend site')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('Awake → Suspended').waitFor()
    await page.getByRole('dialog').press('Escape')
    await page.keyboard.press('/')
    await page.keyboard.type('cel')
    await page.getByRole('option', { name: 'Cells', selected: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Cells', level: 1 }).waitFor()
  })

  test('has its views in a drawer on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${host.url}/operator/`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Menu' }).click()
    await expectAccessible(page, 'operator-menu')
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('dialog').getByRole('link', { name: 'Sites', exact: true }).click()
    await page.getByRole('link', { name: "Ada's Shop" }).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  test('shows the numbers of a chart to a keyboard', async () => {
    await open()
    const values = page.getByRole('slider', { name: 'Values of the chart' })
    await values.focus()
    await page.keyboard.press('End')
    await expect.poll(() => values.getAttribute('aria-valuetext')).toMatch(/: Sign-ups 1, Conversions 0$/)
    await page.getByText('Sign-ups 1', { exact: true }).waitFor()
  })

  test('finds a site by keyboard, and the address holds the view', async () => {
    await open('#/sites')
    await page.getByRole('link', { name: "Ada's Shop" }).waitFor()
    await expectAccessible(page, 'operator-sites')
    const chip = (group: string, name: string) => page.getByRole('group', { name: group }).getByRole('link', { name })
    await chip('State', 'Suspended').click()
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor()
    expect(new URL(page.url()).hash).toBe('#/sites?status=suspended')
    await expectAccessible(page, 'operator-sites-empty')
    await page.goBack()
    await page.getByRole('link', { name: "Ada's Shop" }).waitFor()
    for (const search of ['shop ada', 'ada@example.com', 'adas-shop.localhost', site.id]) {
      await page.keyboard.press('/')
      await page.getByLabel('Find a site', { exact: true }).fill(search)
      await page.evaluate("document.querySelector('input[name=search]').setAttribute('data-former', '')")
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => new URLSearchParams(url.hash.split('?')[1]).get('search') === search)
      // The page has a field of its own for each search: what is typed into the former one is lost.
      await page.locator('input[name=search]:not([data-former])').waitFor()
      await page.getByRole('link', { name: "Ada's Shop" }).waitFor()
    }
    await page.reload()
    await page.getByRole('link', { name: "Ada's Shop" }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
    expect(new URL(page.url()).hash).toBe(`#/sites/${site.id}`)
  })

  test('suspends a site with a reason after it showed the consequences, and resumes it', async () => {
    await open(`#/sites/${site.id}`)
    await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
    await expectAccessible(page, 'operator-site')
    await chooseAct(page, 'Suspend site')
    await page.getByText('Awake → Suspended').waitFor()
    await expectAccessible(page, 'operator-suspend')
    const confirm = page.getByRole('dialog').getByRole('button', { name: 'Suspend site' })
    await confirm.click()
    await page.getByText('Give a reason.').waitFor()
    await page.getByLabel('Reason').fill('sends spam')
    await confirm.click()
    await page.getByText('Done: Suspend site.').waitFor()
    await waitFor(async () => ((await getSite(host, owner, site.id)).status === 'suspended' ? true : undefined))
    await page.getByText('an operator suspended it').waitFor()
    const [notice, panels] = [
      await page.locator('.notice').first().boundingBox(),
      await page.locator('.panels').boundingBox(),
    ]
    expect(panels!.y - notice!.y - notice!.height).toBeGreaterThanOrEqual(8)
    await page.getByRole('tab', { name: 'Timeline' }).click()
    await page.getByText('Reason: sends spam').first().waitFor()
    // One row for the operation and one for the build, with steps to open. The last entries may come after the page.
    await waitFor(async () => {
      await page.getByText('Awake → Suspended').first().waitFor()
      if ((await page.getByText(/^\d+ steps in /).count()) === 2) return true
      await page.reload()
      return undefined
    })
    await expectAccessible(page, 'operator-timeline')
    await page.getByRole('tab', { name: 'Billing' }).click()
    await page.getByText('This site has no subscription.').waitFor()
    await expectAccessible(page, 'operator-billing')
    await page.reload()
    await page.getByText('This site has no subscription.').waitFor()
    await page.getByRole('button', { name: 'Resume site' }).click()
    await page.getByLabel('Reason').fill('a mistake')
    await page.getByRole('dialog').getByRole('button', { name: 'Resume site' }).click()
    await page.getByText('Done: Resume site.').waitFor()
  })

  test('shows sales what an owner wants to talk about', async () => {
    const [name = '', value = ''] = owner.cookie.split('=')
    await context.addCookies([{ name, value, url: host.url }])
    await page.goto(`${host.url}/sites/#/sites/${site.id}`)
    await page.getByRole('button', { name: 'More actions for this site' }).click()
    await page.getByRole('menuitem', { name: 'Talk to us' }).click()
    await page.getByLabel('What is it about?').selectOption('An enterprise plan')
    await page.getByLabel('Your message (optional)').fill('Do you have SSO?')
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click()
    await page.getByText('Thank you. We will get in touch by e-mail.').waitFor()
    await open('#/leads', 'Sales')
    await page.setViewportSize({ width: 360, height: 844 })
    const exports = page.getByRole('button', { name: /^Export / })
    expect(await exports.count()).toBe(2)
    for (const button of await exports.all()) {
      const { x, width } = (await button.boundingBox())!
      // 16 px of margin.
      expect(x + width).toBeLessThanOrEqual(360 - 16)
    }
    await page.setViewportSize({ width: 1280, height: 720 })
    await page.getByRole('link', { name: 'ada@example.com' }).click()
    await page.getByText('Wants to talk about an enterprise plan. Do you have SSO?').waitFor()
    await expectAccessible(page, 'operator-lead')
  })

  test('returns to the same view after the session has ended, and shows a role what it may do', async () => {
    await open('#/sites?order=oldest', 'Support')
    await page.getByRole('link', { name: "Ada's Shop" }).waitFor()
    await context.clearCookies()
    await page.getByRole('link', { name: "Ada's Shop" }).click()
    await page.getByRole('heading', { name: 'Sign in as an operator' }).waitFor()
    await page.getByLabel('Sales').check()
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
    await page.getByRole('button', { name: 'Extend trial' }).waitFor()
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem').first().waitFor()
    // Extend, change the plan, and this alone.
    await expect.poll(() => page.getByRole('menuitem').allTextContents()).toEqual(['Allow own software'])
    await page.keyboard.press('Escape')
    expect(await page.getByRole('tab', { name: 'Failures' }).count()).toBe(0)
    await page.goto(`${host.url}/operator/#/sites/${site.id.slice(0, -1)}${site.id.endsWith('x') ? 'y' : 'x'}`)
    await page.getByRole('heading', { name: 'This does not exist any more' }).waitFor()
    await expectAccessible(page, 'operator-gone')
  })

  test('speaks German', async () => {
    await page.goto(`${host.url}/operator/#/sites/${site.id}`)
    await page.getByRole('button', { name: 'Deutsch' }).click()
    await page.getByRole('heading', { name: 'Als Operator anmelden' }).waitFor()
    await page.getByRole('button', { name: 'Anmelden' }).click()
    await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
    await page.getByText('Ende der Testphase').waitFor()
    await page.getByRole('tab', { name: 'Verlauf' }).click()
    await page.getByText('E-Mail an den Inhaber: ').first().waitFor()
    expect(await page.locator('.timeline').first().innerText()).not.toMatch(
      /Mail to|Suspended|Claimed|requested|Resumed/,
    )
    await page.goto(`${host.url}/operator/#/nothing`)
    await page.getByRole('heading', { name: 'Diese Seite gibt es nicht' }).waitFor()
    await expectAccessible(page, 'operator-unknown')
    await page.getByRole('main').getByRole('link', { name: 'Übersicht' }).click()
    await page.getByRole('heading', { name: 'Websites nach Zustand' }).waitFor()
    await expectAccessible(page, 'operator-overview-german')
  })
})
