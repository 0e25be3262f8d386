import type { Browser, Page } from 'playwright-core'
import type { SiteBody } from '../e2e/visitor.ts'
import { createSite, getSite, signIn } from '../e2e/visitor.ts'
import { waitFor } from '../support/wait-for.ts'

interface HostAddress {
  readonly url: string
  readonly port: number
}

/** An owner's browser, signed in. It has a zone of its own, so that an instant of the server's shows. */
export const openConsole = async (host: HostAddress, browser: Browser, email: string) => {
  const person = await signIn(host, email)
  const context = await browser.newContext({ timezoneId: 'Asia/Tokyo', acceptDownloads: true })
  const [name = '', value = ''] = person.cookie.split('=')
  await context.addCookies([{ name, value, url: host.url }])
  const page = await context.newPage()
  page.setDefaultTimeout(45_000)
  /** What a reader of the browser's console would see; refused calls, which the page shows itself, are no trouble. */
  const trouble: string[] = []
  page.on('pageerror', (error) => trouble.push(error.message))
  page.on('console', (message) => {
    const isOfInterest = message.type() === 'error' && !message.text().startsWith('Failed to load resource')
    if (isOfInterest) trouble.push(message.text())
  })
  return { person, page, trouble, [Symbol.asyncDispose]: () => context.close() }
}

/** The same with a site that runs, its list shown. */
export const openWithSite = async (host: HostAddress, browser: Browser, slug: string) => {
  const opened = await openConsole(host, browser, `${slug}@example.com`)
  const { id } = (await createSite(host, opened.person, { slug, name: `${slug}'s shop` })).json
  const site = await waitFor(async (): Promise<SiteBody | undefined> => {
    const found = await getSite(host, opened.person, id)
    return found.status === 'active' ? found : undefined
  })
  await opened.page.goto(host.url)
  await showsList(opened.page)
  return { ...opened, site }
}

export const showsList = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Your sites' }).waitFor()
