import type { Page } from 'playwright-core'

/** Keeps how a page looks, for a person to look at, where a folder for that is named. */
export const takeShot = async (page: Page, name: string): Promise<void> => {
  const directory = process.env['SITEWRIGHT_SCREENSHOTS']
  if (directory !== undefined) await page.screenshot({ path: `${directory}/${name}.png`, fullPage: true })
}
