import type { Browser, Page } from 'playwright-core'
import * as z from 'zod'
import type { Camera, Variants } from './camera.ts'
import { type Customer, staffCalls } from './seed.ts'

/** A seeded host, and who takes pictures of it. */
export interface Stage {
  readonly browser: Browser
  readonly camera: Camera
  readonly url: string
  /** The oldest first. */
  readonly customers: readonly Customer[]
}

const waitMilliseconds = 30_000
export const everyVariant = ['dark', 'phone'] as const
export const onPhone = ['phone'] as const

/** A page in a browser of its own. */
export const openPage = async ({ browser, url }: Stage, token?: string): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })
  context.setDefaultTimeout(waitMilliseconds)
  if (token !== undefined) await context.addCookies([{ name: 'sitewright_session', value: token, url }])
  return context.newPage()
}

/** @throws {Error} which says what is not shown, and what is. */
export const awaitText = async (page: Page, text: string | RegExp): Promise<void> => {
  try {
    await page.getByText(text).filter({ visible: true }).first().waitFor()
  } catch (error) {
    const shown = await page.locator('body').innerText()
    throw new Error(`${page.url()} does not show “${text}”. It shows:\n${shown.slice(0, 1500)}`, { cause: error })
  }
}

/** Opens an address and waits until it shows a text. */
export const show = async (page: Page, address: string, text: string | RegExp): Promise<void> => {
  await page.goto(address)
  await awaitText(page, text)
}

export const press = (page: Page, name: string | RegExp): Promise<void> =>
  page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click()

/** The name of a picture, the end of its address, a text that the page has to show, the caption, and other looks. */
type Stop = readonly [name: string, at: string, text: string | RegExp, caption: string, more?: Variants]

/** Shows one view after the other below an address, and takes pictures of each. */
export const tour = async (
  page: Page,
  shoot: ReturnType<Camera['of']>,
  base: string,
  stops: readonly Stop[],
): Promise<void> => {
  for (const [name, at, text, caption, more] of stops) {
    await show(page, `${base}${at}`, text)
    await shoot(name, caption, more)
  }
}

/** The first customer whose site has a status. */
export const findByStatus = async ({ customers, url }: Stage, status: string): Promise<Customer> => {
  const staff = await staffCalls(url, 'grace@example.com')
  for (const customer of customers) {
    const site = await staff.get(`/sites/${customer.siteId}`, z.looseObject({ status: z.string() }))
    if (site.status === status) return customer
  }
  throw new Error(`No site of the screens is ${status}.`)
}
