import type { Browser, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { poolIsFull } from '../e2e/visitor.ts'
import { hasBrowser, launchWithBackForwardCache } from '../support/browser.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { openPage } from './open-pages.ts'

describe.skipIf(!hasBrowser())('the way back in a browser that keeps pages', () => {
  let host: StartedHost
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
    browser = await launchWithBackForwardCache()
    return async () => {
      await browser.close()
      await host.stop()
    }
  })
  beforeEach(async () => {
    const opened = await openPage(browser)
    ;({ page } = opened)
    await page.addInitScript(`addEventListener('pageshow', ({ persisted }) => {
      if (persisted) sessionStorage.setItem('kept', 'yes')
    })`)
    return () => opened.context.close()
  })

  const signIn = async (email: string) => {
    await page.goto(host.url)
    await page.locator('form[novalidate]').waitFor()
    await page.getByLabel('E-mail address').fill(email)
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByLabel('Code', { exact: true }).fill(await codeFromMailbox(host.url, email))
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
  }

  /** From the page of the account. */
  const signOut = async (email: string) => {
    await page.getByText(email, { exact: true }).nth(1).waitFor()
    await page.getByRole('button', { name: email }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByLabel('E-mail address').waitFor()
  }

  test('leads from a new site to the sites', async () => {
    await poolIsFull(host)
    await signIn('ada@example.com')
    await page.getByLabel('Name', { exact: true }).fill("Ada's Shop")
    await page.getByText('adas-shop.localhost is free.').waitFor()
    await page.getByRole('button', { name: 'Create my site' }).click()
    await page.getByText("This is Ada's Shop, your own site.").waitFor()
    // A page that is kept has no load to wait for.
    await page.evaluate('history.back()')
    await page.getByRole('heading', { name: 'Your sites' }).waitFor()
  })

  test('shows nothing of somebody who has signed out', async () => {
    await signIn('bob@example.com')
    await page.goto(`${host.url}/sites/#/account`)
    await signOut('bob@example.com')
    await page.evaluate('history.back()')
    await expect.poll(() => page.evaluate(`sessionStorage.getItem('kept')`)).toBe('yes')
    await page.getByText('bob@example.com').first().waitFor({ state: 'detached' })
    await page.getByLabel('E-mail address').waitFor()
  })

  test('leads somebody who has signed out to the sign-in, from each view they were at', async () => {
    await signIn('eve@example.com')
    await page.goto(`${host.url}/sites/#/team`)
    await page.getByRole('heading', { name: 'Team', exact: true }).first().waitFor()
    await page.goto(`${host.url}/sites/#/account`)
    await signOut('eve@example.com')
    await page.evaluate('window.isBefore = true; history.back()')
    await expect.poll(() => page.evaluate('window.isBefore')).toBeUndefined()
    await page.getByLabel('E-mail address').waitFor()
  })
})
