/**
 * Starts a host and writes how the browser pages look, in both themes, to `docs/screens/`.
 *
 *   npm run screens
 */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import * as z from 'zod'
import { spawnHost } from '../bin/demo/start-host.ts'
import { temporaryHome } from '../bin/temporary-home/temporary-home.ts'

const directory = resolve(import.meta.dirname, '../docs/screens')

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Writes one screen in both themes. */
const shoot = async (page: Page, name: string): Promise<void> => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.screenshot({ path: join(directory, `${name}-${colorScheme}.png`) })
  }
}

const mailsSchema = z.object({ messages: z.tuple([z.object({ code: z.string() })]) })

const codeFor = async (url: string, email: string): Promise<string> => {
  const answer = await fetch(`${url}/_local/mail?to=${email}`, { headers: { accept: 'application/json' } })
  return mailsSchema.parse(await answer.json()).messages[0].code
}

/** @returns the page of the owner, who is signed in. */
const signUpScreens = async (browser: Browser, url: string): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width: 1024, height: 700 }, locale: 'en-GB' })
  const email = 'ada@acme-tools.example'
  await page.goto(url)
  await page.getByLabel('E-mail address').fill(email)
  await shoot(page, 'sign-up-1-email')
  await page.getByRole('button', { name: 'Send me a code' }).click()
  await page.getByRole('link', { name: 'read the code in the local mailbox' }).waitFor()
  await shoot(page, 'sign-up-2-code')
  await page.getByLabel('Code', { exact: true }).fill(await codeFor(url, email))
  await page.getByText('acme-tools.localhost is free.').waitFor()
  await shoot(page, 'sign-up-3-name')
  await page.getByRole('button', { name: 'Create my site' }).click()
  // Without a pool, the site is built now, and entered when it is ready.
  await page.getByRole('heading', { name: 'Your site is being built' }).waitFor()
  await shoot(page, 'sign-up-4-build')
  await page.goto(`${url}/#/waiting`)
  await page.getByRole('heading', { name: 'You are on the list' }).waitFor()
  await shoot(page, 'sign-up-5-waiting-list')
  return page
}

/** The owner whose site sign-up has built. */
const ownerScreens = async (page: Page, url: string): Promise<void> => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`${url}/sites/`)
  await page.getByText('Awake', { exact: true }).waitFor()
  await shoot(page, 'owner-1-sites')
  await page.getByRole('link', { name: 'Acme Tools' }).click()
  for (const [index, part] of ['Overview', 'Plan', 'Domains', 'Copies', 'Sharing', 'History', 'Settings'].entries()) {
    await page.getByRole('tab', { name: part }).click()
    await page.getByRole('tabpanel', { name: part }).waitFor()
    await page.getByText('Loading').waitFor({ state: 'detached' })
    await shoot(page, `owner-${index + 2}-${part.toLowerCase()}`)
  }
  await page.getByRole('button', { name: 'Delete site' }).click()
  await page.getByLabel('to confirm').waitFor()
  await shoot(page, 'owner-9-delete')
}

/** After sign-up: there is a site to show. */
const operatorScreens = async (browser: Browser, url: string): Promise<void> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
  await page.goto(`${url}/operator/`)
  await page.getByRole('heading', { name: 'Sign in as an operator' }).waitFor()
  await shoot(page, 'operator-1-sign-in')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Sites by state' }).waitFor()
  await shoot(page, 'operator-2-overview')
  await page.getByRole('link', { name: 'Sites', exact: true }).click()
  await page.getByRole('link', { name: 'acme-tools.localhost' }).waitFor()
  await shoot(page, 'operator-3-sites')
  await page.getByRole('link', { name: 'acme-tools.localhost' }).click()
  await page.getByRole('heading', { name: 'Owner and place' }).waitFor()
  await shoot(page, 'operator-4-site')
  await page.getByRole('button', { name: 'Extend trial' }).click()
  await page.getByLabel('Reason').waitFor()
  await shoot(page, 'operator-5-extend')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('tab', { name: 'Timeline' }).click()
  await page.getByText('Build requested').first().waitFor()
  await shoot(page, 'operator-6-timeline')
  await page.getByRole('tab', { name: 'Logs' }).click()
  await page.getByRole('region', { name: 'Last output of' }).first().waitFor()
  await shoot(page, 'operator-7-logs')
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('button', { name: 'Pull the brake' }).click()
  await page.getByLabel('Reason').fill('Checking the reminders of last night')
  await shoot(page, 'operator-8-brake')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('link', { name: 'Roll-outs' }).click()
  await page.getByRole('button', { name: 'Start roll-out' }).click()
  await page.getByLabel('Reason').fill('The version repairs the export')
  await page.getByRole('dialog').getByRole('button', { name: 'Start roll-out' }).click()
  await page.getByText('Done: Start roll-out.').waitFor()
  await shoot(page, 'operator-9-rollouts')
  const views = ['Blueprints', 'Cells', 'Billing', 'Audit log', 'Settings', 'Your sessions']
  for (const [index, name] of views.entries()) {
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await page.locator('.panel').first().waitFor()
    await shoot(page, `operator-${index + 10}-${name.toLowerCase().replace(' ', '-')}`)
  }
}

await mkdir(directory, { recursive: true })
await using home = await temporaryHome('screens', 'processes')
const environment = { SITEWRIGHT_RUNTIME: 'processes', SITEWRIGHT_ROUTERS: '1', SITEWRIGHT_POOL_SIZE: '0' }
const host = await spawnHost({ home: home.directory, environment })
try {
  await using browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  await ownerScreens(await signUpScreens(browser, host.url), host.url)
  await operatorScreens(browser, host.url)
} finally {
  await host.stop()
}
console.log(`written: ${directory}`)
