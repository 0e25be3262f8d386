import { describe, expect, onTestFinished, test } from 'vitest'
import type { Site } from '../../core/site/site.ts'
import { activeSite, pausedSite, silentSites } from '../router/sites.ts'
import { startRouter, startSite } from '../router/stage.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { watchErrors } from './watch-page.ts'

describe.skipIf(!hasBrowser())('a page that follows the progress of a site', () => {
  test('stays as it is, with its focus, until the site is ready, and then opens what was asked for', async () => {
    const { endpoint } = await startSite(({ url }, response) =>
      response.setHeader('content-type', 'text/html').end(`<title>${url}</title><h1 id="here">Open</h1>`),
    )
    const { building } = silentSites
    const played: { site: Site } = { site: building }
    const { port } = await startRouter(async () => played.site, { longestHoldMilliseconds: 60 })
    const browser = await launchBrowser()
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    watchErrors(page)
    const asked = () => page.waitForResponse((answer) => answer.url().endsWith('/.well-known/sitewright/ready'))

    await page.goto(`http://acme.localhost:${port}/a?b=1#here`)
    await page.keyboard.press('Tab')
    await page.evaluate("Object.assign(globalThis, { first: document.querySelector('#now').firstChild })")
    // As a browser that translates it.
    await page.evaluate("document.querySelector('h1 + p').textContent = 'Translated'")
    await asked()
    await asked()
    expect(await page.evaluate("document.querySelector('#now').firstChild === first")).toBe(true)
    expect(await page.evaluate('document.activeElement.tagName')).toBe('A')

    played.site = {
      ...building,
      completedSteps: [...building.completedSteps, { name: 'start', at: building.createdAt }],
    }
    await page.getByRole('status').getByText('50 % · Waiting until it answers').waitFor()
    expect(await page.getByRole('progressbar').getAttribute('value')).toBe('50')
    expect(await page.evaluate("typeof first + document.querySelectorAll('li.done').length")).toBe('object2')

    played.site = pausedSite(activeSite(endpoint))
    await page.getByRole('heading', { name: 'This site is being copied' }).waitFor()
    played.site = activeSite(endpoint)
    await page.getByRole('heading', { name: 'Open' }).waitFor()
    expect([await page.title(), new URL(page.url()).hash]).toEqual(['/a?b=1', '#here'])
  })
})
