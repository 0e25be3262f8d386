import type { Browser, Page, Request } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { writeBlueprint } from '../e2e/blueprints.ts'
import { call } from '../e2e/call.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { signIn } from '../e2e/visitor.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { openWithSite } from './console-page.ts'
import { openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

describe.skipIf(!hasBrowser())('the sign-up of a host with two products', () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    await using opening = new AsyncDisposableStack()
    const { path } = opening.use(await temporaryDirectory())
    for (const name of ['welcome', 'shop']) await writeBlueprint(path, { name, command: ['node', 'server.ts'] })
    const env = { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: path }
    host = opening.use(await startHost({ env, program: 'test/e2e/two-products.mjs' }))
    browser = opening.use(await launchBrowser())
    const opened = opening.move()
    return () => opened.disposeAsync()
  })

  const mailTo = async (email: string): Promise<{ code: string; links: string[] }> => {
    const response = await fetch(`${host.url}/_local/mail?to=${email}`, { headers: { accept: 'application/json' } })
    const { messages } = (await response.json()) as { messages: { code: string; links: string[] }[] }
    return messages[0]!
  }
  const posts = (page: Page, path: string): unknown[] => {
    const bodies: unknown[] = []
    page.on('request', (request: Request) => {
      if (request.method() === 'POST' && request.url() === `${host.url}${path}`) bodies.push(request.postDataJSON())
    })
    return bodies
  }
  const requestCode = async (page: Page, email: string) => {
    await page.locator('form[novalidate]').waitFor()
    await page.getByLabel('E-mail address').fill(email)
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByText(email).waitFor()
  }
  const link = '/?blueprint=shop&utm_source=news&utm_campaign=spring'
  const isShopChosen = (page: Page) => page.getByLabel('The shop for a test').isChecked()

  test('keeps product and source of the link for each code, and creates that product', async () => {
    const { context, page } = await openPage(browser)
    await using _context = context
    const signUps = posts(page, '/v1/signups')
    const sites = posts(page, '/v1/sites')
    const visits = posts(page, '/v1/visits')
    await page.goto(`${host.url}${link}`, { referer: 'https://news.example/a' })
    await requestCode(page, 'wrong@example.com')
    await page.getByRole('link', { name: 'Wrong address?' }).click()
    await requestCode(page, 'ada@example.com')
    await page.clock.setFixedTime(Date.now() + 31_000)
    await page.getByRole('button', { name: 'Send a new code' }).click()
    await page.getByRole('button', { name: 'New code in' }).waitFor()
    expect(signUps).toHaveLength(3)
    const attribution = { source: 'news', campaign: 'spring', landingPage: '/', referrer: 'https://news.example/a' }
    for (const signUp of signUps) {
      expect(signUp).toMatchObject({ blueprint: 'shop', attribution: expect.objectContaining(attribution) })
    }
    expect(visits).toHaveLength(1)
    await page.getByLabel('Code', { exact: true }).fill((await mailTo('ada@example.com')).code)
    await page.getByText('example.localhost is free.').waitFor()
    expect(await isShopChosen(page)).toBe(true)
    await expectAccessible(page, 'sign-up-name-product')
    await page.getByRole('button', { name: 'Create my site' }).click()
    await expect.poll(() => sites).toMatchObject([{ blueprint: 'shop', offer: 'default' }])
  })

  test('asks for the site of the offer whose page somebody opens who signed up elsewhere', async () => {
    const { context, page } = await openPage(browser)
    await using _context = context
    const sites = posts(page, '/v1/sites')
    await page.goto(host.url)
    await requestCode(page, 'kim@example.com')
    await page.getByLabel('Code', { exact: true }).fill((await mailTo('kim@example.com')).code)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    await page.goto(`${host.url}/schools/`)
    await page.getByLabel('Name', { exact: true }).fill('Kims School')
    await page.getByText('kims-school.localhost is free.').waitFor()
    expect(await page.getByRole('link', { name: 'All my sites' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Create my site' }).click()
    await expect.poll(() => sites).toMatchObject([{ slug: 'kims-school', offer: 'schools' }])
  })

  test('offers no product that the offer of the sign-up does not have', async () => {
    const { context, page } = await openPage(browser)
    await using _context = context
    const sites = posts(page, '/v1/sites')
    await page.goto(`${host.url}/schools/`)
    await requestCode(page, 'lee@example.com')
    await page.getByLabel('Code', { exact: true }).fill((await mailTo('lee@example.com')).code)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    await page.goto(host.url)
    await page.getByLabel('Name', { exact: true }).fill('Lees School')
    await page.getByText('lees-school.localhost is free.').waitFor()
    await page.getByRole('button', { name: 'Create my site' }).click()
    await expect.poll(() => sites).toEqual([{ slug: 'lees-school', name: 'Lees School', offer: 'default' }])
  })

  test('gives somebody who has a site another trial at an offer with trials of its own, and only one', async () => {
    await using opened = await openWithSite(host, browser, 'gus')
    const { page } = opened
    await page.goto(`${host.url}/clubs/`)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    await page.getByRole('link', { name: 'All my sites' }).click()
    await page.getByRole('link', { name: 'Create a site' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Gus Club')
    await page.getByText('gus-club.localhost is free.').waitFor()
    await page.getByRole('button', { name: 'Create my site' }).click()
    await page.getByRole('heading', { name: 'Your site is being built' }).waitFor()
    // The first page goes to the site as soon as that is open.
    const later = await page.context().newPage()
    await later.goto(`${host.url}/clubs/`)
    await later.getByRole('link', { name: 'Gus Club' }).waitFor()
    expect(await later.getByRole('link', { name: 'Create a site' }).count()).toBe(0)
  })

  test('leads a member of a team who may have another trial to the invitation, and then to the sites', async () => {
    const { bearer: ofHolder } = await signIn(host, 'ivy@example.com')
    await using opened = await openWithSite(host, browser, 'ned')
    const { page, person } = opened
    const body = { email: 'ned@example.com', role: 'developer' }
    await call(host, { method: 'POST', path: '/v1/team/invitations', body, headers: ofHolder })
    await page.goto(`${host.url}/clubs/`)
    await page.getByRole('button', { name: 'Accept' }).waitFor()
    // Not on the page, which would act for that account from then on.
    const id = page.url().split('/').at(-1)
    await call(host, { method: 'POST', path: `/v1/invitations/${id}/acceptance`, headers: person.bearer })
    await page.goto(`${host.url}/clubs/`)
    await page.getByRole('link', { name: "ned's shop" }).waitFor()
    await page.getByRole('link', { name: 'Create a site' }).waitFor()
  })

  test('shows somebody who is signed in no form at an offer that has ended, but the way to the own one', async () => {
    const { context, page } = await openPage(browser)
    await using _context = context
    await page.goto(host.url)
    await requestCode(page, 'pat@example.com')
    await page.getByLabel('Code', { exact: true }).fill((await mailTo('pat@example.com')).code)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    await page.goto(`${host.url}/fair/`)
    await page.getByRole('heading', { name: 'This offer ended on 31 January 2026' }).waitFor()
    expect(await page.getByRole('textbox').count()).toBe(0)
    await expectAccessible(page, 'sign-up-closed')
    await page.getByRole('link', { name: 'See what we offer now' }).click()
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
  })

  test('signs up by the link to a product that is no longer offered', async () => {
    const { context, page } = await openPage(browser)
    await using _context = context
    const signUps = posts(page, '/v1/signups')
    await page.goto(`${host.url}/?blueprint=gone`)
    await requestCode(page, 'old@example.com')
    expect(signUps).toEqual([expect.not.objectContaining({ blueprint: expect.anything() })])
  })

  test('keeps the answers for a corrected address', async () => {
    const { context, page } = await openPage(browser)
    await using _context = context
    const signUps = posts(page, '/v1/signups')
    await page.goto(`${host.url}/schools/`)
    await page.getByLabel('Your goal').fill('A timetable')
    await page.getByLabel('Your role').selectOption('head')
    await requestCode(page, 'wrong-head@example.com')
    await page.getByRole('link', { name: 'Wrong address?' }).click()
    await requestCode(page, 'head@example.com')
    const answers = { goal: 'A timetable', role: 'head' }
    expect(signUps).toEqual([expect.objectContaining({ answers }), expect.objectContaining({ answers })])
  })

  test('shows the product of the sign-up to whoever follows the link of its mail elsewhere', async () => {
    const there = await openPage(browser)
    await using _there = there.context
    await there.page.goto(`${host.url}${link}`)
    await requestCode(there.page, 'bea@example.com')
    const { context, page } = await openPage(browser)
    await using _context = context
    await page.goto((await mailTo('bea@example.com')).links[0] ?? '')
    await page.getByRole('button', { name: 'Confirm and continue' }).click()
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    expect(await isShopChosen(page)).toBe(true)
    // Another link is a new decision.
    await page.goto(`${host.url}/?blueprint=welcome`)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    expect(await isShopChosen(page)).toBe(false)
  })
})
