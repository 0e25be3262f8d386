import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { startHost } from '../support/start-host.ts'
import { watchErrors } from './watch-page.ts'

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

/** A page of a visitor of its own. */
export const openPage = async (browser: Browser) => {
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  page.setDefaultTimeout(240_000)
  watchErrors(page)
  return { context, page }
}

/** Chooses an act of an operator that has no button of its own, by keyboard. */
export const chooseAct = async (page: Page, act: string): Promise<void> => {
  await page.getByRole('button', { name: 'More actions', exact: true }).press('Enter')
  await page.getByRole('menuitem', { name: act }).press('Enter')
}
