import { mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import * as z from 'zod'
import { codeFromMailbox } from '../../acceptance/find-code.ts'
import { poll } from '../../acceptance/poll.ts'
import { spawnHost } from '../../acceptance/start-host.ts'
import { writeRelease } from '../../screens/seed.ts'
import { awaitText } from '../../screens/stage.ts'
import { temporaryHome } from '../../support/temporary-home/temporary-home.ts'
import type { Section } from '../measurement.ts'

const email = 'robin@acme-pumps.example'

/** Acts as somebody with a mouse. A click into a field counts too, unless the page has focused it. */
const hand = (page: Page) => {
  let clicks = 0
  const click = async (target: Locator): Promise<void> => {
    await target.click()
    clicks += 1
  }
  const press = (name: string | RegExp): Promise<void> =>
    click(page.getByRole('button', { name, exact: typeof name === 'string' }).first())
  const follow = (name: string | RegExp): Promise<void> => click(page.getByRole('link', { name }).first())
  const type = async (field: Locator, text: string): Promise<void> => {
    await field.waitFor()
    const isFocused = async () => (await field.and(page.locator(':focus')).count()) > 0
    if (!(await poll(isFocused, (is) => is, { patience: 1000, pause: 50 }))) await click(field)
    await field.fill(text)
  }
  const sees = (text: string | RegExp): Promise<void> => awaitText(page, text)
  /** @returns the clicks since the last call. */
  const count = (): number => {
    const since = clicks
    clicks = 0
    return since
  }
  return { page, click, press, follow, type, sees, count }
}
type Hand = ReturnType<typeof hand>

const openTab = ({ click, page }: Hand, name: string): Promise<void> => click(page.getByRole('tab', { name }))

const reachSite = async ({ page, press, type, sees }: Hand, url: string): Promise<void> => {
  await page.goto(url)
  await page.locator('form[novalidate]').waitFor()
  await type(page.getByLabel('E-mail address'), email)
  await press('Send me a code')
  await type(page.getByLabel('Code', { exact: true }), await codeFromMailbox(url, email))
  await sees('acme-pumps.localhost is free.')
  await press('Create my site')
  await page.waitForURL(/acme-pumps\.localhost/)
  await type(page.getByLabel('New entry'), 'Opening hours: 9 to 5')
  await press('Save')
  await sees('Opening hours: 9 to 5')
}

const subscribe = async ({ page, press, follow, type, sees }: Hand): Promise<void> => {
  await follow('Upgrade')
  await press('Choose Starter')
  await page.waitForURL(/\/_local\/stripe\/pay\//)
  await type(page.getByLabel(/card/i).first(), '4242424242424242')
  await press(/^Pay/)
  await sees('Thank you. Your subscription has started.')
}

const connectDomain = async (newcomer: Hand): Promise<void> => {
  const { page, press, type, sees } = newcomer
  await openTab(newcomer, 'Domains')
  await type(page.getByLabel('Hostname'), 'www.acme-pumps.example.com')
  await press('Add domain')
  await press('Set these records here')
  await sees('The domain is verified.')
}

const restoreCopy = async (newcomer: Hand): Promise<void> => {
  const { page, press, click, sees } = newcomer
  await openTab(newcomer, 'Copies')
  await press('Make a copy now')
  await sees('The copy is complete and verified.')
  await press(/^Restore/)
  await click(page.getByRole('dialog').getByRole('button', { name: /^Restore/ }))
  await sees(/restored/)
}

const findCause = async ({ page, press, follow, sees }: Hand, url: string): Promise<void> => {
  await page.goto(`${url}/operator/`)
  await press('Sign in')
  await follow(/basil-catering/)
  await sees('cannot read the file settings.json')
}

/** Publishes the second version, and starts its roll-out. */
const rollOut = async ({ page, press, follow, type, click, sees }: Hand, file: string): Promise<void> => {
  const dialog = page.getByRole('dialog')
  await follow('Blueprints')
  await press('Publish a file')
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), click(dialog.getByLabel(/^Blueprint/))])
  await chooser.setFiles(file)
  await type(dialog.getByLabel('Reason'), 'Release 2 adds currencies.')
  await click(dialog.getByRole('button', { name: 'Publish a file' }))
  await sees(/2, in use/)
  await press(/^Start roll-out/)
  await type(page.getByLabel('Reason'), 'Release 2 adds currencies.')
  await click(dialog.getByRole('button', { name: /^Start roll-out/ }))
  await follow('Roll-outs')
  await sees('Watched until')
}

/** Somebody else's site, which cannot be built. */
const failBuild = async (browser: Browser, url: string): Promise<void> => {
  const context = await browser.newContext({ locale: 'en-GB' })
  const { page, press, type, sees } = hand(await context.newPage())
  const other = 'kim@basil-catering.example'
  await page.goto(url)
  await page.locator('form[novalidate]').waitFor()
  await type(page.getByLabel('E-mail address'), other)
  await press('Send me a code')
  await type(page.getByLabel('Code', { exact: true }), await codeFromMailbox(url, other))
  await sees('basil-catering.localhost is free.')
  await press('Create my site')
  await sees(/could not be built/)
  await context.close()
}

const sitesSchema = z.looseObject({ sites: z.array(z.looseObject({ operation: z.string().nullable() })) })

/** People take longer than this program: a purchase also changes the site. */
const awaitIdle = async ({ page }: Hand, url: string): Promise<void> => {
  const check = async () => sitesSchema.parse(await (await page.request.get(`${url}/v1/sites`)).json())
  await poll(check, ({ sites }) => sites.every(({ operation }) => operation === null), { patience: 60_000, pause: 250 })
}

/** Counts the clicks with which a newcomer reaches what the README promises, with its addresses alone. */
export const countClicks = async (browser: Browser): Promise<Section> => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'sitewright-clicks-'))
  await using home = await temporaryHome('bench-clicks', 'processes')
  await writeRelease(directory.path, 1)
  const environment = {
    ...{ SITEWRIGHT_RUNTIME: 'processes', SITEWRIGHT_ROUTERS: '1', SITEWRIGHT_POOL_SIZE: '0' },
    ...{ SITEWRIGHT_BLUEPRINTS: directory.path, STRIPE_SECRET_KEY: undefined },
  }
  const { url, stop } = await spawnHost({ home: home.directory, environment })
  try {
    const context = await browser.newContext({ locale: 'en-GB' })
    context.setDefaultTimeout(60_000)
    const newcomer = hand(await context.newPage())
    const after = async (work: Promise<void>): Promise<number> => {
      await work
      await awaitIdle(newcomer, url)
      return newcomer.count()
    }
    const site = await after(reachSite(newcomer, url))
    const subscription = await after(subscribe(newcomer))
    const domain = await after(connectDomain(newcomer))
    const copy = await after(restoreCopy(newcomer))
    await writeFile(join(directory.path, 'broken'), '')
    await failBuild(browser, url)
    await rm(join(directory.path, 'broken'))
    const cause = await after(findCause(newcomer, url))
    const second = await writeRelease(directory.path, 2)
    const rollout = await after(rollOut(newcomer, second))
    const reached = [
      ['own site with first content', site, 5],
      ['a subscription', subscription, 4],
      ['a connected domain', domain, 4],
      ['a restored copy', copy, 4],
      ['the cause of a failed build', cause, 2],
      ['a started roll-out, with its version published', rollout, 9],
    ] as const
    return {
      title: 'Clicks of a newcomer',
      measurements: reached.map(([name, value, atMost]) => ({ name, value, unit: 'clicks', bar: { atMost } })),
      notes: ['Each way goes on where the one before has ended. Addresses of the README are typed.'],
    }
  } finally {
    await stop()
  }
}
