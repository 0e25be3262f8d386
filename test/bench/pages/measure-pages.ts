import type { Browser, Page } from 'playwright-core'
import * as z from 'zod'
import { codeFromMailbox } from '../../acceptance/find-code.ts'
import { openBenchHost } from '../host/bench-host.ts'
import type { Section } from '../measurement.ts'
import { median } from '../statistics.ts'
import { firstPaint, largestPaint, launchBrowser, scriptBytes, serveStaticPage, slowDown } from './browse.ts'
import { countClicks } from './count-clicks.ts'

const rounds = 5
/** As many as a page of the list has. */
const listed = 50

/** Signs up in the browser and presses each button at once. @returns milliseconds from the accepted code and from the last press to the painted site. */
const signUp = async (page: Page, url: string, email: string) => {
  await page.goto(url)
  await page.locator('form[novalidate]').waitFor()
  await page.getByLabel('E-mail address').fill(email)
  await page.getByRole('button', { name: 'Send me a code' }).click()
  const field = page.getByLabel('Code', { exact: true })
  await field.waitFor()
  const code = await codeFromMailbox(url, email)
  let acceptedAt = Number.NaN
  page.on('response', (response) => {
    if (response.url().endsWith('/verification')) acceptedAt = Date.now()
  })
  await field.fill(code)
  await page.getByRole('heading', { name: 'Name your site' }).waitFor()
  const pressedAt = Date.now()
  await page.getByRole('button', { name: 'Create my site' }).click()
  await page.waitForURL(({ origin }) => origin !== new URL(url).origin)
  const paintedAt = await firstPaint(page)
  return { afterCode: paintedAt - acceptedAt, afterPress: paintedAt - pressedAt }
}

const measureSignUp = async (browser: Browser, host: Awaited<ReturnType<typeof openBenchHost>>) => {
  const times: { readonly afterCode: number; readonly afterPress: number }[] = []
  let bytes = { signUp: Number.NaN, owner: Number.NaN }
  // The first one meets a fresh host.
  for (let round = -1; round < rounds; round += 1) {
    const context = await browser.newContext({ locale: 'en-GB' })
    const page = await context.newPage()
    const one = await signUp(page, host.url, `ada@bench-pages-${round + 2}.example`)
    if (round >= 0) times.push(one)
    const read = async (path: string) => {
      await page.goto(`${host.url}${path}`, { waitUntil: 'networkidle' })
      return scriptBytes(page)
    }
    if (round === rounds - 1) {
      const owner = await read('/sites/')
      await context.clearCookies()
      bytes = { owner, signUp: await read('/') }
    }
    await context.close()
    await host.refilled()
  }
  return { times, bytes }
}

const listSchema = z.looseObject({ sites: z.array(z.looseObject({ id: z.string() })) })

const measureList = async (browser: Browser, url: string) => {
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  await page.addInitScript(`globalThis.longest = 0
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longest = Math.max(longest, duration) })
      .observe({ type: 'longtask', buffered: true })`)
  await page.request.post(`${url}/_local/operators/session`, { data: { email: 'bench@example.com', role: 'admin' } })
  const answer = await page.request.get(`${url}/v1/operator/sites`)
  const { sites } = listSchema.parse(await answer.json())
  // The sites of the host, repeated to a full page, with a next one.
  const full = Array.from({ length: listed }, (_, row) => ({ ...sites[row % sites.length], id: `site_${row}` }))
  await page.route('**/v1/operator/sites?*', (route) => route.fulfill({ json: { sites: full, cursor: 'next' } }))
  await page.goto(`${url}/operator/`, { waitUntil: 'networkidle' })
  await slowDown(page, { network: false })
  const row = page.locator('tbody tr').nth(listed - 1)
  const longest: number[] = []
  let rows = 0
  for (let round = -1; round < rounds; round += 1) {
    await page.evaluate('longest = 0')
    await page.getByRole('link', { name: 'Sites', exact: true }).click()
    await row.waitFor()
    rows = Math.max(rows, await page.locator('tbody tr').count())
    await page.getByRole('link', { name: 'Oldest first' }).click()
    await page.getByRole('link', { name: 'Next page' }).click()
    await page.getByRole('link', { name: 'First page' }).waitFor()
    await page.getByLabel('Find a site', { exact: true }).fill('acme')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Show all sites' }).waitFor()
    await row.waitFor()
    const found = z.number().parse(await page.evaluate('new Promise((done) => setTimeout(() => done(longest), 200))'))
    if (round >= 0) longest.push(found)
    await page.getByRole('link', { name: 'Cells', exact: true }).click()
    await page.getByRole('table', { name: 'Cells with room' }).waitFor()
  }
  await context.close()
  return { rows, longest: median(longest) }
}

const measurePaints = async (browser: Browser, url: string) => {
  await using reference = await serveStaticPage()
  const own: number[] = []
  const others: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    own.push(await largestPaint(browser, url))
    if (reference !== undefined) others.push(await largestPaint(browser, reference.url))
  }
  return { own, others }
}

/** What a visitor, an owner and an operator wait for, in a real browser on the real host. */
export const measurePages = async (): Promise<readonly Section[]> => {
  await using host = await openBenchHost({ purpose: 'pages', runtime: 'processes', pool: 2 })
  await using browser = await launchBrowser()
  const { times, bytes } = await measureSignUp(browser, host)
  const paints = await measurePaints(browser, host.url)
  const list = await measureList(browser, host.url)
  const afterCode = median(times.map((one) => one.afterCode))
  const pages = {
    title: 'Pages in a browser',
    measurements: [
      { name: 'code accepted to site painted, pool warm, median', value: afterCode, unit: 'ms', bar: { atMost: 1000 } },
      {
        name: 'the last button to site painted, median',
        value: median(times.map((one) => one.afterPress)),
        unit: 'ms',
      },
      { name: 'scripts of sign-up, brotli', value: bytes.signUp, unit: 'bytes', bar: { atMost: 90_000 } },
      {
        name: "scripts of the owner's first load, brotli",
        value: bytes.owner,
        unit: 'bytes',
        bar: { atMost: 200_000 },
      },
      {
        name: 'largest paint of sign-up, 4 × slower CPU, slow 4G, median',
        value: median(paints.own),
        unit: 'ms',
        bar: { atMost: 2500 },
      },
      ...(paints.others.length === 0
        ? []
        : [
            { name: 'a page without scripts by Caddy, the same', value: median(paints.others), unit: 'ms' },
            { name: 'sign-up / that page', value: median(paints.own) / median(paints.others), unit: '×' },
          ]),
      { name: "rows of the operators' list", value: list.rows, unit: 'rows', bar: { atMost: 60 } },
      {
        name: "longest task of the operators' list, 4 × slower CPU, median",
        value: list.longest,
        unit: 'ms',
        bar: { atMost: 100 },
      },
    ],
    notes: [
      `${rounds} of each. The browser presses each button at once. Slow 4G: 150 ms, 1.6 Mbit/s.`,
      'The longest task is 0 if none took 50 ms.',
      ...(paints.others.length === 0 ? ['Caddy is not installed, so its page is left out.'] : []),
    ],
  }
  return [pages, await countClicks(browser)]
}
