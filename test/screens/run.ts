/**
 * Starts a host and writes how the browser pages look, in both themes, to `docs/screens/`.
 *
 *   npm run screens
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import * as z from 'zod'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { spawnHost } from '../acceptance/start-host.ts'
import { launchBrowser } from '../support/browser.ts'
import { temporaryHome } from '../support/temporary-home/temporary-home.ts'

const directory = resolve(import.meta.dirname, '../../docs/screens')

/** Writes one screen in both themes: the whole page, or what a dialog covers. */
const shoot = async (page: Page, name: string): Promise<void> => {
  const fullPage = (await page.getByRole('dialog').count()) === 0
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.screenshot({ path: join(directory, `${name}-${colorScheme}.png`), fullPage })
  }
}

/** Shoots one page after the other, and numbers them. */
const shooter = (page: Page, who: string) => {
  let number = 0
  return (what: string): Promise<void> => {
    number += 1
    return shoot(page, `${who}-${number}-${what}`)
  }
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
  await page.getByLabel('Code', { exact: true }).fill(await codeFromMailbox(url, email))
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

type Shoot = ReturnType<typeof shooter>

/** The owner whose site sign-up has built, during the trial. @returns the path of the site in the API. */
const trialScreens = async (page: Page, shootOwner: Shoot, url: string): Promise<string> => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`${url}/sites/`)
  await page.getByText('Awake', { exact: true }).waitFor()
  await shootOwner('sites')
  await page.getByRole('link', { name: 'Acme Tools' }).click()
  await openTab(page, 'Overview')
  await shootOwner('overview')
  await openTab(page, 'Plan')
  await shootOwner('plan')
  return `/v1/sites/${/site_\w+/.exec(page.url())?.[0]}`
}

const openTab = async (page: Page, part: string): Promise<void> => {
  await page.getByRole('tab', { name: part }).click()
  await page.getByRole('tabpanel', { name: part }).waitFor()
  await page.getByText('Loading').waitFor({ state: 'detached' })
}

const createdSchema = z.object({ id: z.string() })

/** Pays as the local payment page does. */
const buy = async (page: Page, sitePath: string): Promise<void> => {
  const post = (path: string, body: object): Promise<unknown> =>
    page.evaluate(
      async (call) => {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(call.path, { method: 'POST', headers, body: JSON.stringify(call.body) })
        return answer.json()
      },
      { path, body },
    )
  const { id } = createdSchema.parse(await post(`${sitePath}/checkout`, { plan: 'growth', interval: 'month' }))
  await post(`/_local/stripe/checkout/${id}/pay`, { card: '4242424242424242' })
  await page.reload()
  await page.getByText('Plan: Growth').waitFor()
  await page.getByText('Your site is running.').waitFor()
}

/** The same owner with a paid site. */
const paidScreens = async (page: Page, shootOwner: Shoot, sitePath: string): Promise<void> => {
  await buy(page, sitePath)
  await shootOwner('paid-plan')
  await page.getByRole('button', { name: 'Change to Starter' }).click()
  await page.getByText('is credited to your next invoices').waitFor()
  await shootOwner('change-plan')
  await page.getByRole('button', { name: 'Keep current plan' }).click()
  await openTab(page, 'Domains')
  await page.getByLabel('Hostname').fill('shop.acme-tools.com')
  await page.getByRole('button', { name: 'Add domain' }).click()
  await page.getByText('Set these records at your DNS provider.').waitFor()
  await shootOwner('domains')
  await openTab(page, 'Copies')
  await page.getByRole('button', { name: 'Make a copy now' }).click()
  await page.getByText('The copy is complete and verified.').waitFor()
  await shootOwner('copies')
  await openTab(page, 'Sharing')
  await page.getByRole('button', { name: 'Create link' }).click()
  await page.getByText('This link is shown only now.').waitFor()
  await shootOwner('sharing')
  for (const part of ['History', 'Settings']) {
    await openTab(page, part)
    await shootOwner(part.toLowerCase())
  }
  await page.getByRole('button', { name: 'Delete site' }).click()
  await page.getByLabel('to confirm').waitFor()
  await shootOwner('delete')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('link', { name: 'Your account' }).click()
  await page
    .getByRole('button', { name: 'Sign out everywhere else' })
    .or(page.getByText('This browser'))
    .first()
    .waitFor()
  await shootOwner('account')
}

/** Shows a dialog, and closes it. */
const shootDialog = async (page: Page, button: string, shooting: () => Promise<void>): Promise<void> => {
  await page
    .getByRole('button', { name: new RegExp(`^${button}(:|$)`) })
    .first()
    .click()
  await page.getByLabel('Reason').fill('As agreed on the telephone')
  await shooting()
  await page.getByRole('button', { name: 'Cancel' }).click()
}

/** Does what a button says, with a reason. */
const act = async (page: Page, button: string): Promise<void> => {
  await page
    .getByRole('button', { name: new RegExp(`^${button}(:|$)`) })
    .first()
    .click()
  await page.getByLabel('Reason').fill('Checking the reminders of last night')
  await page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click()
  await page.getByText(`Done: ${button}.`).waitFor()
}

/** Shows the site as one whose build has failed, as the API tells it: the site of the screens runs. */
const showFailure = async (page: Page): Promise<void> => {
  const at = new Date().toISOString()
  const failure = {
    ...{ id: 'fail_1', at, during: 'build', cause: 'crash', detail: 'It ended 3 times with exit code 7.' },
    blueprint: { name: 'welcome', version: 1 },
  }
  await page.route('**/v1/operator/sites/site_*', async (route) => {
    const headers = { ...route.request().headers() }
    delete headers['if-none-match']
    const site = z.looseObject({}).parse(await (await route.fetch({ headers })).json())
    const reason = 'The program of the site ended before it answered.'
    await route.fulfill({ json: { ...site, status: 'failed', nextStep: null, failure: { step: 'start', reason, at } } })
  })
  const container = {
    ...{ name: 'web', isRunning: false, ends: 3, lastEnd: { exitCode: 7 } },
    lines: ['starting', 'cannot read the file settings.json'],
  }
  await page.route('**/v1/operator/sites/*/failures', (route) => {
    const seen = { error: 'SiteNotReady', healthPath: '/healthz', healthAnswer: null, port: 80, listeners: null }
    return route.fulfill({ json: { failures: [{ ...failure, ...seen, containers: [container] }] } })
  })
  await page.reload()
}

/** After sign-up: there is a trial to show. */
const operatorScreens = async (browser: Browser, url: string): Promise<void> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
  const shootOperator = shooter(page, 'operator')
  await page.goto(`${url}/operator/`)
  await page.getByRole('heading', { name: 'Sign in as an operator' }).waitFor()
  await shootOperator('sign-in')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Sites by state' }).waitFor()
  await shootOperator('overview')
  await page.getByRole('link', { name: 'Sites', exact: true }).click()
  await page.getByRole('link', { name: 'acme-tools.localhost' }).waitFor()
  await shootOperator('sites')
  await page.getByRole('link', { name: 'acme-tools.localhost' }).click()
  await page.getByRole('heading', { name: 'Owner and place' }).waitFor()
  await shootOperator('site')
  await shootDialog(page, 'Extend trial', () => shootOperator('extend'))
  await shootDialog(page, 'Enter as support', () => shootOperator('enter-as-support'))
  await page.getByRole('tab', { name: 'Timeline' }).click()
  await page
    .getByText(/ steps in /)
    .first()
    .waitFor()
  await shootOperator('timeline')
  await showFailure(page)
  await page.getByRole('tab', { name: 'Failures' }).click()
  await page.getByText('Last output of web').click()
  await shootOperator('failures')
  await page.unrouteAll({ behavior: 'wait' })
  await page.reload()
  await page.getByRole('tab', { name: 'Logs' }).click()
  await page.getByRole('region', { name: 'Last output of' }).first().waitFor()
  await shootOperator('logs')
  await page.getByRole('link', { name: 'Overview' }).click()
  await act(page, 'Pull the brake')
  await page.getByText('Pulled since').waitFor()
  await shootDialog(page, 'Release the brake', () => shootOperator('release-the-brake'))
  await act(page, 'Release the brake')
  await page.getByRole('link', { name: 'Roll-outs' }).click()
  await act(page, 'Start roll-out')
  await shootDialog(page, 'Abort roll-out', () => shootOperator('abort-a-roll-out'))
  await shootOperator('roll-outs')
  for (const name of ['Blueprints', 'Cells', 'Billing', 'Audit log', 'Settings', 'Your sessions']) {
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await page.locator('.panel').first().waitFor()
    await shootOperator(name.toLowerCase().replace(' ', '-'))
  }
}

/** What the role `sales` sees and does. */
const salesScreens = async (browser: Browser, url: string): Promise<void> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
  const shootSales = shooter(page, 'sales')
  await page.goto(`${url}/operator/`)
  await page.getByLabel('E-mail address').fill('sales@example.com')
  await page.getByLabel('Sales').check()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Sites by state' }).waitFor()
  await shootSales('overview')
  await page.getByRole('link', { name: 'Sites', exact: true }).click()
  await page.getByRole('link', { name: 'acme-tools.localhost' }).waitFor()
  await shootSales('sites')
  await page.getByRole('link', { name: 'acme-tools.localhost' }).click()
  await page.getByRole('heading', { name: 'Owner and place' }).waitFor()
  await shootSales('site')
  await shootDialog(page, 'Extend trial', () => shootSales('extend'))
}

const titles = { 'sign-up': 'Sign-up', owner: 'Owners', operator: 'Operators', sales: 'Operators with the role sales' }

/** Lists the screens by name, so that nobody has to open each file. */
const writeIndex = async (): Promise<void> => {
  const names = (await readdir(directory)).flatMap((file) => /^(.+)-light\.png$/.exec(file)?.[1] ?? [])
  const numberOf = (name: string): number => Number(/\d+/.exec(name)?.[0])
  const parts = Object.entries(titles).map(([who, title]) => {
    const own = names.filter((name) => name.startsWith(who)).toSorted((a, b) => numberOf(a) - numberOf(b))
    const lines = own.map((name) => {
      const said = name.replace(/^.*?\d+-/, '').replaceAll('-', ' ')
      return `- [${said}](${name}-light.png), [dark](${name}-dark.png)`
    })
    return `## ${title}\n\n${lines.join('\n')}\n`
  })
  const lead =
    '`npm run screens` writes these screens and this list; `npm run film` the [moving picture](sign-up.webp) of the README.'
  await writeFile(join(directory, 'README.md'), `# Screens\n\n${lead}\n\n${parts.join('\n')}`)
}

for (const file of await readdir(directory)) if (file.endsWith('.png')) await rm(join(directory, file))
await mkdir(directory, { recursive: true })
await using home = await temporaryHome('screens', 'processes')
const environment = { SITEWRIGHT_RUNTIME: 'processes', SITEWRIGHT_ROUTERS: '1', SITEWRIGHT_POOL_SIZE: '0' }
const host = await spawnHost({ home: home.directory, environment })
try {
  await using browser = await launchBrowser()
  const owner = await signUpScreens(browser, host.url)
  const shootOwner = shooter(owner, 'owner')
  const sitePath = await trialScreens(owner, shootOwner, host.url)
  await operatorScreens(browser, host.url)
  await salesScreens(browser, host.url)
  await paidScreens(owner, shootOwner, sitePath)
  await writeIndex()
} finally {
  await host.stop()
}
console.log(`written: ${directory}`)
