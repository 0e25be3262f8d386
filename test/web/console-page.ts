import type { Browser } from 'playwright-core'
import { createSite, getSite, type SiteBody, signIn } from '../e2e/visitor.ts'
import { waitFor } from '../support/wait-for.ts'
import { watchErrors } from './watch-page.ts'

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
  page.setDefaultTimeout(240_000)
  watchErrors(page)
  const close = async () => {
    // A poll may be under way through a route of the test.
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await context.close()
  }
  return { person, page, [Symbol.asyncDispose]: close }
}

/** The same with a site that runs, its list shown. */
export const openWithSite = async (host: HostAddress, browser: Browser, slug: string) => {
  const opened = await openConsole(host, browser, `${slug}@example.com`)
  const { id } = (await createSite(host, opened.person, { slug, name: `${slug}'s shop` })).json
  const site = await waitFor(async (): Promise<SiteBody | undefined> => {
    const found = await getSite(host, opened.person, id)
    return found.status === 'active' ? found : undefined
  })
  await opened.page.goto(`${host.url}/sites/`)
  await opened.page.getByRole('heading', { name: 'Your sites' }).waitFor()
  return { ...opened, site }
}
