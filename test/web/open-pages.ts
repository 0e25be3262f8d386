import type { Browser } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { startHost } from '../support/start-host.ts'
import { watchTrouble } from './watch-page.ts'

/** A host and a browser for the tests of a file. */
export const openBrowser = async (env: Readonly<Record<string, string>>) => {
  await using opening = new AsyncDisposableStack()
  const host = await startHost({ env })
  opening.defer(host.stop)
  const browser = await launchBrowser()
  opening.defer(() => browser.close())
  const opened = opening.move()
  return { host, browser, close: () => opened.disposeAsync() }
}

/** A page of a visitor of its own, and what goes wrong on it. */
export const openPage = async (browser: Browser) => {
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  page.setDefaultTimeout(240_000)
  return { context, page, trouble: watchTrouble(page) }
}
