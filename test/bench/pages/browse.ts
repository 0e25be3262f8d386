import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import * as z from 'zod'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { poll } from '../../acceptance/poll.ts'
import { findProgram } from '../router/find-program.ts'

/** @throws {Error} without Chromium. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })

/** A phone of the middle class: four times slower, on slow 4G. */
export const slowDown = async (page: Page, parts: { readonly network: boolean }): Promise<void> => {
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  if (!parts.network) return
  const bytesPerSecond = (megabits: number) => (megabits * 1_000_000) / 8
  const speed = { downloadThroughput: bytesPerSecond(1.6), uploadThroughput: bytesPerSecond(0.75) }
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 150, ...speed })
}

const numberIn = async (page: Page, expression: string): Promise<number> =>
  z.number().parse(await page.evaluate(expression))

/** The bytes of the scripts that the page has loaded, as they were sent: brotli. */
export const scriptBytes = (page: Page): Promise<number> =>
  numberIn(
    page,
    `performance.getEntriesByType('resource').filter(({ name }) => /\\.js$/.test(new URL(name).pathname))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`,
  )

/** When the page was first painted, in milliseconds since the epoch. */
export const firstPaint = (page: Page): Promise<number> =>
  numberIn(
    page,
    `new Promise((resolve) => new PerformanceObserver((list) => resolve(performance.timeOrigin + list.getEntries()[0].startTime))
      .observe({ type: 'paint', buffered: true }))`,
  )

/** Milliseconds to the largest paint of an address in a browser that knows nothing. */
export const largestPaint = async (browser: Browser, url: string): Promise<number> => {
  const context = await browser.newContext({ viewport: { width: 412, height: 823 }, locale: 'en-GB' })
  try {
    const page = await context.newPage()
    await slowDown(page, { network: true })
    await page.goto(url, { waitUntil: 'networkidle' })
    return await numberIn(
      page,
      `new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
        .observe({ type: 'largest-contentful-paint', buffered: true }))`,
    )
  } finally {
    await context.close()
  }
}

const html = `<!doctype html><html lang="en"><title>Static</title><meta name="viewport" content="width=device-width">
<h1>Start your free trial</h1><p>A page without scripts, styles and images.</p></html>`

/** Serves a page without scripts by Caddy; undefined where it is not installed. */
export const serveStaticPage = async (): Promise<(AsyncDisposable & { readonly url: string }) | undefined> => {
  const caddy = await findProgram('caddy')
  if (caddy === undefined) return undefined
  await using opening = new AsyncDisposableStack()
  const directory = opening.use(await mkdtempDisposable(join(tmpdir(), 'sitewright-bench-pages-')))
  await writeFile(join(directory.path, 'index.html'), html)
  const url = `http://127.0.0.1:${await findFreePort()}`
  const server = ['file-server', '--root', directory.path, '--listen', new URL(url).host]
  const child = spawn(caddy, server, { stdio: 'ignore', env: { ...process.env, HOME: directory.path } })
  opening.defer(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const answers = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
  if (!(await poll(answers, (ok) => ok, { patience: 10_000, pause: 50 }))) throw new Error('Caddy did not answer.')
  const opened = opening.move()
  return { url, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
