import type { Page } from 'playwright-core'

/** Where pictures of pages are kept, if anywhere. */
export const shots = process.env['SITEWRIGHT_SCREENSHOTS']

/** Keeps how a page looks, for a person to look at, where a folder for that is named. */
export const takeShot = async (page: Page, name: string): Promise<void> => {
  if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}
