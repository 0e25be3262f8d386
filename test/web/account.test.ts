import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { getSite, mailTo, signIn } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openConsole, openWithSite } from './console-page.ts'
import { openBrowser } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

// The mail is sent by the next run of a function that the clock calls every minute.
vi.setConfig({ testTimeout: 600_000 })

describe.skipIf(!hasBrowser())("the account on the owner's page", () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '1' })
    ;({ host, browser } = opening)
    return opening.close
  })

  test('downloads the data, deletes the account, and keeps it by the link of the mail', async () => {
    await using opened = await openWithSite(host, browser, 'ada')
    const { page, person, site } = opened
    const email = 'ada@example.com'
    // By keyboard, in one row on a phone.
    await page.setViewportSize({ width: 360, height: 740 })
    const menu = page.getByRole('button', { name: email })
    expect((await page.getByRole('banner').boundingBox())?.height).toBeLessThan(90)
    await menu.press('Enter')
    await expectAccessible(page, 'owner-account-menu')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download my data' }).click(),
    ])
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({ person: { email } })

    await page.getByRole('button', { name: 'Delete my account' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(`Type ${email} to confirm`).fill('eve@example.com')
    await dialog.getByRole('button', { name: 'Delete my account' }).click()
    await dialog.getByText('Type your e-mail address to confirm the deletion.').waitFor()
    expect(await page.evaluate('document.activeElement.name')).toBe('confirm')
    await expectAccessible(page, 'owner-account-closing')
    await dialog.getByLabel(`Type ${email} to confirm`).fill(email)
    await dialog.getByRole('button', { name: 'Delete my account' }).click()
    await page.getByText('Your account and your sites are deleted permanently on').waitFor()
    expect((await getSite(host, person, site.id)).status).toBe('suspended')
    // Until it is kept, nothing is offered that would be refused.
    expect(await page.getByRole('button', { name: /access$|^Agree/ }).count()).toBe(0)
    await expectAccessible(page, 'owner-account-closed')
    await page.goto(`${host.url}/sites/#/team`)
    await page.getByText('There are no tokens.').waitFor()
    expect(await page.getByText('New token').count()).toBe(0)

    const mail = await waitFor(async () =>
      (await mailTo(host, email)).find(({ subject }) => subject.includes('account will be deleted')),
    )
    await page.goto(`${host.url}/sites/#/sites/${site.id}`)
    await page.getByText('This account is being deleted, and its sites with it').waitFor()
    await page.getByRole('region', { name: 'How to continue' }).waitFor()
    const acts = page.getByRole('button', { name: 'Cancel deletion' }).or(page.getByText('Choose a plan'))
    expect(await acts.count()).toBe(0)
    await page.getByRole('tab', { name: 'Plan' }).click()
    await page.getByRole('tabpanel', { name: 'Plan' }).waitFor()
    expect(await page.getByRole('heading', { name: 'Plans and prices' }).or(acts).count()).toBe(0)
    await expectAccessible(page, 'owner-site-of-closed-account')
    await page.getByRole('link', { name: 'See until when you can keep it' }).click()
    await page.getByRole('button', { name: 'Keep my account and sites' }).waitFor()

    await page.goto(mail.links[0] ?? '')
    // As after an answer that was lost: the code has done what it was for.
    await page.route('**/reopening', (route) =>
      route.fulfill({ status: 403, json: { type: 'urn:sitewright:problem:code-wrong' } }),
    )
    await page.getByRole('button', { name: 'Keep my account and sites' }).click()
    await page.getByText('it has kept your account already: see your account.').waitFor()
    await page.unroute('**/reopening')
    await page.getByRole('button', { name: 'Keep my account and sites' }).click()
    await page.getByRole('button', { name: 'Delete my account' }).waitFor()
    expect(page.url()).not.toContain('code=')
    // Kept a moment after it was deleted: the question is over.
    await page.getByRole('button', { name: 'Delete my account' }).click()
    await dialog.getByLabel(`Type ${email} to confirm`).fill(email)
    await dialog.getByRole('button', { name: 'Delete my account' }).click()
    await page.getByRole('button', { name: 'Keep my account and sites' }).click()
    await page.getByRole('button', { name: 'Delete my account' }).waitFor()
    expect(await dialog.count()).toBe(0)
  })

  test('refuses entries of support, gives and withdraws the consent to marketing, and signs out one session, all others and this one', async () => {
    const email = 'grace@example.com'
    for (let count = 0; count < 3; count += 1) await signIn(host, email)
    await using opened = await openConsole(host, browser, email)
    const { page } = opened
    await page.goto(`${host.url}/sites/#/account`)
    await page.getByRole('button', { name: 'Refuse access' }).click()
    await page.getByRole('status').getByText('Access for our support team: Refused').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Refuse access' }).click()
    await page.getByText('Our support team cannot enter your sites.').waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Allow access' }).waitFor()
    await page.getByRole('button', { name: 'Agree to e-mails' }).click()
    await page.getByText('Agreed', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Withdraw consent' }).click()
    await page.getByText('Not agreed').waitFor()

    const rows = page.getByRole('row').filter({ has: page.getByRole('button', { name: /^Sign out/ }) })
    await expect.poll(() => rows.count()).toBe(4)
    await expectAccessible(page, 'owner-account')
    await rows.filter({ hasNotText: 'This browser' }).first().getByRole('button').click()
    await expect.poll(() => rows.count()).toBe(3)
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().getByRole('button').click()
    await page.waitForURL((url) => url.pathname === '/')
  })

  test('names whoever has signed in since, in another tab', async () => {
    await using opened = await openConsole(host, browser, 'dora@example.com')
    const { page } = opened
    await page.goto(`${host.url}/sites/#/account`)
    await page.getByRole('button', { name: 'dora@example.com' }).waitFor()
    const [name = '', value = ''] = (await signIn(host, 'eve@example.com')).cookie.split('=')
    await page.context().addCookies([{ name, value, url: host.url }])
    // Nothing that was read for the person before is kept.
    await page.evaluate("isBefore = true; dispatchEvent(new Event('visibilitychange'))")
    await expect.poll(() => page.evaluate('typeof isBefore').catch(() => 'unknown')).toBe('undefined')
    await page.getByRole('button', { name: 'eve@example.com' }).waitFor()
    const operator = (role: string) =>
      page.request.post(`${host.url}/_local/operators/session`, { data: { email: `${role}@example.com`, role } })
    await operator('sales')
    await page.goto(`${host.url}/operator/`)
    await page.getByText('sales@example.com').waitFor()
    await operator('admin')
    await page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    await page.getByText('admin@example.com').waitFor()
  })

  test('speaks German, and says that it cannot be loaded', async () => {
    await using opened = await openConsole(host, browser, 'lise@example.com')
    const { page } = opened
    await page.context().addCookies([{ name: 'language', value: 'de', url: host.url }])
    await page.route('**/v1/account', (route) => route.abort())
    await page.goto(`${host.url}/sites/#/account`)
    await page.getByRole('heading', { name: 'Das konnte nicht geladen werden' }).waitFor()
    await expectAccessible(page, 'owner-account-failed')
    await page.unroute('**/v1/account')
    await page.getByRole('button', { name: 'Erneut versuchen' }).click()
    await page.getByRole('button', { name: 'Mein Konto löschen' }).click()
    await page.getByText('Jetzt: Ihre Websites werden angehalten').waitFor()
    await expectAccessible(page, 'owner-account-german')
  })
})
