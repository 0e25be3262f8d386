import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import config from '../../sitewright.config.ts'
import { codeOf, getSite, signIn } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { openConsole, openWithSite } from './console-page.ts'
import { openBrowser } from './open-pages.ts'
import { expectAccessible, watchErrors } from './watch-page.ts'

// Axe looks at each view in two themes and three widths.
vi.setConfig({ testTimeout: 600_000 })

describe.skipIf(!hasBrowser())('the page of owners in a browser', () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '2' })
    ;({ host, browser } = opening)
    return opening.close
  })

  const show = async (page: Page, id: string, part?: string) => {
    await page.goto(`${host.url}/sites/#/sites/${id}${part === undefined ? '' : `?part=${part}`}`)
    await page.getByRole('tab').first().waitFor()
  }
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent')
  /** Plays other answers about a site than the host gives. */
  const play = (page: Page, id: string, changes: () => object) =>
    page.route(`**/v1/sites/${id}`, async (route) => {
      if (route.request().method() !== 'GET') return route.fallback()
      const headers = { ...route.request().headers() }
      delete headers['if-none-match']
      const response = await route.fetch({ headers })
      await route.fulfill({ status: 200, json: { ...((await response.json()) as object), ...changes() } })
    })

  test('shows the list and each part of a site, accessible in both themes and on a phone', async () => {
    await using opened = await openWithSite(host, browser, 'ada')
    const { page, site } = opened
    await page.getByText('Awake', { exact: true }).waitFor()
    await page.getByText('Then your site is suspended, and its data is kept.').waitFor()
    expect(await page.getByRole('link', { name: 'Create a site' }).count()).toBe(0)
    await expectAccessible(page, 'owner-sites')
    await page.getByRole('link', { name: "ada's shop" }).click()
    expect(new URL(page.url()).hash).toBe(`#/sites/${site.id}`)
    for (const part of ['Overview', 'Plan', 'Domains', 'Copies', 'Sharing', 'History', 'Settings']) {
      await page.getByRole('tab', { name: part }).click()
      await page.getByRole('tabpanel', { name: part }).waitFor()
      await page.getByText('Loading').waitFor({ state: 'detached' })
      expect(await page.title()).toContain(`ada's shop · ${part} · `)
      await expectAccessible(page, `owner-${part.toLowerCase()}`)
    }
    await page.reload()
    await page.getByRole('tab', { name: 'Settings', selected: true }).waitFor()
  })

  test('moves between parts and extends the trial by keyboard, in the reader’s time zone', async () => {
    await using opened = await openWithSite(host, browser, 'grace')
    const { page, site } = opened
    await show(page, site.id)
    await page.getByRole('tab', { name: 'Overview' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/part=plans/)
    await page.goBack()
    await page.getByRole('tab', { name: 'Overview', selected: true }).waitFor()
    const inTokyo = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Tokyo' })
    const endsAt = inTokyo.format(Date.parse(site.trialEndsAt ?? '') + 7 * 86_400_000)
    await page.getByRole('button', { name: 'Extend the trial by 7 days' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText(`Your trial is extended. The trial now ends on ${endsAt}.`).waitFor()
    await page.getByText(`The trial ends on ${endsAt} (in 21 days).`).waitFor()
    await page.getByText('You have used the trial extension.').waitFor()
    expect(await page.getByRole('button', { name: 'Extend' }).count()).toBe(0)
    // The pressed button is gone: the keyboard continues from the heading.
    expect(await focused(page)).toContain("grace's shop")
  })

  test('renames a site, and takes that back by keyboard', async () => {
    await using opened = await openWithSite(host, browser, 'rosa')
    const { page, person, site } = opened
    await show(page, site.id)
    const long = 'مضخات أكمي Pumps & Valves 💧 International Holding Company of the Northern Hemisphere'
    await press(page, 'More actions for this site')
    await expectAccessible(page, 'owner-menu')
    await page.getByRole('menuitem', { name: 'Rename site' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill(long)
    await expectAccessible(page, 'owner-rename')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: long }).waitFor()
    await page.getByRole('status').getByText(`The site is now called ${long}.`).waitFor()
    expect((await getSite(host, person, site.id)).name).toBe(long)
    // A toast that somebody is on stays.
    await page.keyboard.press('F6')
    expect(await focused(page)).toBe('Undo')
    await expectAccessible(page, 'owner-toast')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText("The site is now called rosa's shop.").waitFor()
    expect((await getSite(host, person, site.id)).name).toBe("rosa's shop")
    // Its end does not take the focus from somebody who has left it.
    const menu = page.getByRole('button', { name: 'More actions for this site' })
    await page.keyboard.press('F6')
    await page.getByRole('tab', { name: 'Overview' }).focus()
    await page.getByText('The site is now called').waitFor({ state: 'detached' })
    expect(await focused(page)).toBe('Overview')
    const labelOfFocus = () => page.locator(':focus').getAttribute('aria-label')
    await press(page, 'More actions for this site')
    await page.getByRole('menuitem', { name: 'Rename site' }).click()
    await page.getByRole('textbox', { name: 'Name' }).press('Enter')
    await page.getByText('The site is now called').waitFor()
    await menu.focus()
    for (const key of ['F6', 'F6', 'Escape']) await page.keyboard.press(key)
    await page.getByText('The site is now called').waitFor({ state: 'detached' })
    expect(await labelOfFocus()).toBe('More actions for this site')
    const wide = 'W'.repeat(100)
    await play(page, site.id, () => ({ name: wide }))
    await show(page, site.id, 'settings')
    await page.getByRole('heading', { name: wide }).waitFor()
    await expectAccessible(page, 'owner-settings-of-long-name')
  })

  test.each([
    [4 * 24, 'info', '4 days left'],
    [3 * 24, 'warning', '3 days left'],
    [24, 'danger', '24 hours left'],
  ])('shows a trial of %d hours as a ring that is %s', async (hours, tone, left) => {
    await using opened = await openWithSite(host, browser, `ring-${tone}`)
    const { page, site } = opened
    // A little less, since time passes until it is shown.
    const trialEndsAt = new Date(Date.now() + hours * 3_600_000 - (tone === 'info' ? 0 : 1000)).toISOString()
    await play(page, site.id, () => ({ trialEndsAt }))
    await show(page, site.id)
    const ring = page.getByRole('img', { name: left })
    await ring.waitFor()
    expect(await ring.getAttribute('data-tone')).toBe(tone)
    await expectAccessible(page, `owner-ring-${tone}`)
  })

  test('logs no refused request in the browser of somebody who is not signed in', async () => {
    const context = await browser.newContext()
    try {
      const page = await context.newPage()
      page.setDefaultTimeout(240_000)
      const refused: string[] = []
      page.on('response', (response) => void (response.status() >= 400 && refused.push(response.url())))
      for (const path of ['/sites/', '/operator/']) {
        await page.goto(`${host.url}${path}`)
        await page.getByLabel('E-mail address').waitFor()
      }
      expect(refused).toEqual([])
    } finally {
      await context.close()
    }
  })

  test('shows what needs attention, and answers that cannot be renewed as stale', async () => {
    await using opened = await openWithSite(host, browser, 'mary')
    const { page, site } = opened
    const at = '2026-03-01T12:00:00.000Z'
    let changes: object = { downSince: at, storage: 'full', operation: 'upgrade' }
    await play(page, site.id, () => changes)
    await show(page, site.id)
    await page.getByText('Not answering', { exact: true }).waitFor()
    await page.getByText('Your site has not answered since').waitFor()
    await page.getByText('The storage of your site is full.').waitFor()
    await page.getByRole('status').getByText('Your site is being updated.').waitFor()
    const answer = { status: 500, excerpt: '<b>out of order</b>' }
    changes = { handOver: { status: 'failed', at, reason: 'The site answered 500.', answer } }
    await page.getByText('Your site could not be set up for you.').waitFor()
    await page.getByRole('region', { name: 'Answer of your site' }).getByText('<b>out of order</b>').waitFor()
    await expectAccessible(page, 'owner-attention')
    const asked: string[] = []
    await page.route('**/hand-over', (route) => {
      asked.push(route.request().method())
      return route.fulfill({ status: 409, json: { type: 'urn:sitewright:problem:version-conflict' } })
    })
    await press(page, 'Try again')
    await page.getByText('The site was changed at the same time. Try again.').waitFor()
    expect(asked).toEqual(['POST'])
    changes = { status: 'failed', failure: { at, reason: 'It crashed 3 times.', again: 'trial' } }
    await page.reload()
    await page.getByText('It crashed 3 times.').waitFor()
    await expect.poll(() => page.getByRole('tab').allTextContents()).toEqual(['Overview', 'History'])
    expect(await page.getByRole('link', { name: 'Try again' }).getAttribute('href')).toBe('/#/new')
    changes = { status: 'failed', failure: { at, reason: 'It crashed 3 times.', again: 'contact' } }
    await page.reload()
    await page.getByRole('link', { name: 'Write to us', exact: true }).waitFor()
    expect(await page.getByRole('link', { name: 'Try again' }).count()).toBe(0)
    changes = { status: 'building' }
    await page.reload()
    expect(await page.getByRole('link', { name: 'Show progress' }).getAttribute('href')).toBe(`/#/building/${site.id}`)
    // The next poll finds nobody.
    await page.route(`**/v1/sites/${site.id}`, (route) => route.abort())
    await page.getByText('This may be out of date: it could not be loaded again.').waitFor()
    await expectAccessible(page, 'owner-stale')
  })

  test.each([
    ['hedy', 'operator'],
    ['pia', 'subscription-paused'],
    // It was down before its paid time ended.
    ['ruth', 'storage-full'],
  ])('links %s to the contact, and sells nothing, where the reason is %s', async (name, because) => {
    await using opened = await openWithSite(host, browser, name)
    const { page, site } = opened
    const paid = { trialEndsAt: null, extension: null }
    await play(page, site.id, () => ({ ...paid, status: 'suspended', suspended: { at: site.trialEndsAt, because } }))
    await page.route(`**/v1/sites/${site.id}/billing`, async (route) => {
      const billing = (await (await route.fetch()).json()) as object
      await route.fulfill({ json: { ...billing, state: 'paused', runsUntil: '2020-01-01T00:00:00.000Z' } })
    })
    await show(page, site.id)
    const link = page.getByRole('link', { name: 'Write to us', exact: true })
    expect(await link.getAttribute('href')).toBe(`mailto:${config.contact}?subject=${name}.localhost`)
    expect(await page.getByRole('button', { name: 'Resume site' }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Choose a plan' }).count()).toBe(0)
  })

  test('shows further sites, and creates one only if every build has failed', async () => {
    await using opened = await openWithSite(host, browser, 'edith')
    const { page, person, site } = opened
    const whole = await getSite(host, person, site.id)
    const page1 = {
      sites: ['a', 'b'].map((name) => ({ ...whole, id: `site_${name}`, name, status: 'failed' })),
      cursor: 'next',
    }
    const page2 = { sites: [{ ...whole, id: 'site_c', name: 'c', status: 'failed' }] }
    await page.route(/\/v1\/sites(\?.*)?$/, (route) =>
      route.fulfill({ json: route.request().url().includes('cursor=next') ? page2 : page1 }),
    )
    await page.reload()
    await page.getByRole('link', { name: 'b', exact: true }).waitFor()
    expect(await page.getByRole('link', { name: 'Create a site' }).count()).toBe(0)
    await page.route(/cursor=/, (route) => route.abort())
    await press(page, 'Show more')
    await page.getByRole('alert').getByText('Sitewright did not answer.').waitFor()
    await page.unroute(/cursor=/)
    await press(page, 'Show more')
    await page.getByRole('link', { name: 'Create a site' }).waitFor()
    expect(await focused(page)).toBe('c')
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0)
  })

  test('asks an account without a site to name one, and shows nobody the site of others', async () => {
    await using opened = await openConsole(host, browser, 'nobody@example.com')
    const { page } = opened
    await page.goto(`${host.url}/sites/#/sites/site_01jq3v5k8m0000000000000000`)
    await page.getByText('This site is in none of your accounts').waitFor()
    await expectAccessible(page, 'owner-gone')
    await page.goto(`${host.url}/sites/`)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
  })

  test('returns to the same view after the session has ended', async () => {
    await using opened = await openWithSite(host, browser, 'ida')
    const { page, site } = opened
    await show(page, site.id)
    await page.context().clearCookies()
    await page.getByRole('tab', { name: 'Plan' }).click()
    await page.locator('form[novalidate]').waitFor()
    await page.getByLabel('E-mail address').fill('ida@example.com')
    await press(page, 'Send me a code')
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    const [, signupId = ''] = /signups\/([^?]+)/.exec(page.url()) ?? []
    await page.getByLabel('Code', { exact: true }).fill(await codeOf(host, signupId, 'ida@example.com'))
    await page.getByRole('heading', { name: 'Plans and prices' }).waitFor()
    expect(new URL(page.url()).hash).toBe(`#/sites/${site.id}?part=plans`)
  })

  test('shows in one tab what another one did', async () => {
    await using opened = await openWithSite(host, browser, 'vera')
    const { page, site } = opened
    await show(page, site.id)
    const other = await page.context().newPage()
    watchErrors(other)
    await show(other, site.id)
    await press(other, 'Extend the trial by 7 days')
    await other.getByText('Your trial is extended.').waitFor()
    await page.bringToFront()
    await page.getByText('(in 21 days)').first().waitFor()
    // A press on what is out of date is refused, and shows the state.
    await play(other, site.id, () => ({ extension: { left: 1, used: 0, days: 7 } }))
    await other.reload()
    await press(other, 'Extend the trial by 7 days')
    await other.getByRole('alert').getByText('The trial was extended already.').waitFor()
    await page.getByRole('button', { name: 'vera@example.com' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL(`${host.url}/`)
  })

  test('speaks German', async () => {
    await using opened = await openWithSite(host, browser, 'emmy')
    const { page, site } = opened
    await press(page, 'Deutsch')
    await page.getByRole('heading', { name: 'Ihre Websites' }).waitFor()
    await show(page, site.id, 'plans')
    await page.getByText('Die Testphase endet am').waitFor()
    await page.getByText('19 € im Monat', { exact: true }).waitFor()
    await expectAccessible(page, 'owner-plans-german')
    await page.getByRole('tab', { name: 'Einstellungen' }).click()
    await press(page, 'Website löschen')
    await page.getByRole('dialog', { name: "emmy's shop löschen?" }).waitFor()
    await expectAccessible(page, 'owner-delete-german')
    expect((await signIn(host, 'emmy@example.com')).accountId).toBe(opened.person.accountId)
  })
})
