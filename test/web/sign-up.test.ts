import type { Browser, BrowserContext, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { poolIsFull } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { openBrowser, openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

// Like the other browser tests: an element that does not appear is named long before the test ends.
describe.skipIf(!hasBrowser())('sign-up in a browser', () => {
  let host: StartedHost
  let browser: Browser
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '1' })
    ;({ host, browser } = opening)
    return opening.close
  })
  beforeEach(async () => {
    ;({ context, page } = await openPage(browser))
    return () => context.close()
  })

  const mailTo = async (email: string): Promise<{ code: string; links: string[] }> => {
    const response = await fetch(`${host.url}/_local/mail?to=${email}`, { headers: { accept: 'application/json' } })
    const { messages } = (await response.json()) as { messages: { code: string; links: string[] }[] }
    expect(messages).toHaveLength(1)
    return messages[0]!
  }

  /** Before its script runs, the first screen is a plain form. */
  const openStart = async (opened: Page): Promise<void> => {
    await opened.goto(host.url)
    await opened.locator('form[novalidate]').waitFor()
  }

  const requestCode = async (email: string) => {
    await openStart(page)
    await page.getByLabel('E-mail address').fill(email)
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
  }
  const signIn = async (email: string) => {
    await requestCode(email)
    await page.getByLabel('Code', { exact: true }).fill((await mailTo(email)).code)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
  }

  test('sends no request that is refused before anybody signs in', async () => {
    const refused: string[] = []
    page.on('response', (response) => {
      if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`)
    })
    const answered = page.waitForResponse(/\/v1\/session\/person\?/)
    await openStart(page)
    await answered
    await page.waitForLoadState('networkidle')
    expect(refused).toEqual([])
  })

  test('points out a typing error of a mail domain, once', async () => {
    await openStart(page)
    const field = page.getByLabel('E-mail address')
    const send = page.getByRole('button', { name: 'Send me a code' })
    await field.fill('typo@gmial.com')
    const headline = page.locator('.pitch-title')
    const before = await headline.boundingBox()
    await send.click()
    await page.getByText('Did you mean gmail.com?').waitFor()
    // The card grows below the headline.
    expect(await headline.boundingBox()).toEqual(before)
    await expectAccessible(page, 'sign-up-typo')
    await page.getByRole('button', { name: 'Use typo@gmail.com' }).click()
    expect(await field.inputValue()).toBe('typo@gmail.com')
    await field.fill('typo@gmial.com')
    await send.click()
    await page.getByText('typo@gmial.com').waitFor()
    // This host has no terms, so there is none to accept.
    await page.getByRole('link', { name: 'Wrong address?' }).click()
    expect(await page.getByText('terms of use').count()).toBe(0)
  })

  test('gets a site in three screens and enters it as its owner', async () => {
    await poolIsFull(host)
    await openStart(page)
    await page.getByLabel('E-mail address').fill('ada')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByText('Type your e-mail address, such as').waitFor()
    // The API knows more of addresses than the page.
    await page.getByLabel('E-mail address').fill('ada@b')
    await page.getByText('Type your e-mail address, such as').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByText('Type your e-mail address, such as').waitFor()
    await requestCode('ada@example.com')
    await page.getByRole('link', { name: 'read the code in the local mailbox' }).waitFor()
    const field = page.getByLabel('Code', { exact: true })
    await field.fill('12')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Type the eight letters from the mail.').waitFor()
    const { code } = await mailTo('ada@example.com')
    await field.fill(code === 'BBBB-BBBB' ? 'CCCC-CCCC' : 'bbbb-bbbb')
    await page.getByText('The code is wrong.').waitFor()
    // Pasted with a space, it submits itself.
    await field.fill(`${code.slice(0, 3)} ${code.slice(3)}`)

    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Example')
    await page.getByLabel('Name', { exact: true }).fill("Ada's Shop")
    await page.getByText('adas-shop.localhost is free.').waitFor()
    await page.getByLabel('Address', { exact: true }).fill('www')
    await page.getByText('This address is reserved.').waitFor()
    await page.getByRole('button', { name: 'www-2' }).click()
    await page.getByText('www-2.localhost is free.').waitFor()
    await page.getByLabel('Address', { exact: true }).fill('adas-shop')
    await page.getByText('adas-shop.localhost is free.').waitFor()
    await page.getByRole('button', { name: 'Create my site' }).click()

    await page.getByText("This is Ada's Shop, your own site.").waitFor()
    expect(new URL(page.url()).host).toBe(`adas-shop.localhost:${host.port}`)
    await page.getByLabel('New entry').fill('<b>kept</b>')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('<b>kept</b>').waitFor()
    await page.reload()
    await page.getByText('<b>kept</b>').waitFor()

    // A returning owner gets to their sites.
    await page.goto(host.url)
    await page.getByRole('heading', { name: 'Your sites' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/sites/')
    await page.getByRole('link', { name: 'Open my site' }).click()
    await page.getByText("This is Ada's Shop, your own site.").waitFor()
  })

  test('goes on while the browser translates it', async () => {
    await openStart(page)
    // What Chrome does with each text, also with those that follow: React's own one leaves the page.
    await page.evaluate(`(() => {
      const translate = (text) => {
        const font = document.createElement('font')
        font.append(document.createElement('font'))
        font.firstChild.textContent = 'fr: ' + text.nodeValue
        text.parentNode.insertBefore(font, text)
        text.remove()
      }
      const translateIn = (root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
        const found = []
        while (walker.nextNode()) found.push(walker.currentNode)
        if (root.nodeType === Node.TEXT_NODE) found.push(root)
        found.filter(({ nodeValue, parentNode }) => nodeValue.trim() && parentNode.tagName !== 'FONT').forEach(translate)
      }
      new MutationObserver((records) => {
        for (const { addedNodes } of records) for (const node of addedNodes) if (node.isConnected) translateIn(node)
      }).observe(document.body, { childList: true, subtree: true })
      translateIn(document.body)
    })()`)
    await page.getByLabel('E-mail address').fill('claire@example.com')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByText('fr: Enter your code').waitFor()
    await page.getByLabel('Code').fill((await mailTo('claire@example.com')).code)
    await page.getByText('fr: Name your site').waitFor()
    const name = page.getByLabel('Name', { exact: false })
    await name.fill("Claire's Shop")
    await page.getByText('claires-shop.localhost is free.').waitFor()
    await page.getByLabel('Address').fill('www')
    await page.getByText('This address is reserved.').waitFor()
    expect(await page.getByText('claires-shop.localhost is free.').count()).toBe(0)
    await page.getByLabel('Address').fill('claires-shop')
    await page.getByText('claires-shop.localhost is free.').waitFor()
  })

  test('works in browsers of 2022, which old telephones have, and returns to the place that asked for it', async () => {
    await page.addInitScript(`
      for (const name of ['parse', 'canParse']) delete URL[name]
      for (const name of ['isWellFormed', 'toWellFormed']) delete String.prototype[name]
      for (const name of ['withResolvers', 'try']) delete Promise[name]
      for (const one of [Object, Map]) delete one.groupBy
      for (const name of ['union', 'difference', 'intersection', 'isSubsetOf']) delete Set.prototype[name]
      for (const name of ['map', 'filter', 'take', 'flatMap', 'some', 'find', 'toArray']) delete Iterator.prototype[name]
      delete Array.fromAsync
      delete AbortSignal.any
    `)
    await page.goto(`${host.url}/sites/#/account`)
    await page.locator('form[novalidate]').waitFor()
    // The limit cuts the emoji at the end in half.
    await page.goto(`${host.url}/?utm_source=${'a'.repeat(199)}🙂`)
    await page.locator('form[novalidate]').waitFor()
    await page.getByLabel('E-mail address').fill('old@example.com')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    await page.getByLabel('Code', { exact: true }).fill((await mailTo('old@example.com')).code)
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
  })

  test('counts a visit once for each load, without a cookie, and needs no answer', async () => {
    const visits: { readonly body: unknown; readonly cookie: string | undefined }[] = []
    await context.addCookies([{ name: 'other', value: '1', url: host.url }])
    await page.route('**/v1/visits', async (route) => {
      const { cookie } = await route.request().allHeaders()
      visits.push({ body: route.request().postDataJSON(), cookie })
      await route.abort()
    })
    await page.goto(`${host.url}/?utm_source=news&utm_campaign=spring&gclid=1`)
    await page.getByLabel('E-mail address').fill('ada@example.com')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    expect(visits).toEqual([{ body: { source: 'news', campaign: 'spring' }, cookie: undefined }])
  })

  test('passes axe on each screen', async () => {
    await openStart(page)
    await page.getByRole('heading', { name: 'Start your free trial' }).waitFor()
    await expectAccessible(page, 'sign-up-email')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByText('Type your e-mail address, such as').waitFor()
    await expectAccessible(page, 'sign-up-email-problem')
    await requestCode('axe@acme-tools.example')
    await expectAccessible(page, 'sign-up-code')
    const { code, links } = await mailTo('axe@acme-tools.example')
    await page.goto('about:blank')
    await page.goto(links[0] ?? '')
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await expectAccessible(page, 'sign-up-confirm')
    await page.goto(`${host.url}/#/keep/acct_x?code=x`)
    await page.getByRole('heading', { name: 'Keep your account?' }).waitFor()
    expect(await page.getByRole('link', { name: 'Not now' }).count()).toBe(1)
    await expectAccessible(page, 'sign-up-keep')
    await page.goto(`${host.url}/mailed/`)
    await page.goBack()
    await page.goto('about:blank')
    await page.goto((links[0] ?? '').replace(/\?.*$/, ''))
    await page.getByLabel('Code', { exact: true }).fill(code)
    await page.getByText('acme-tools.localhost is free.').waitFor()
    await expectAccessible(page, 'sign-up-name')
    await page.goto(`${host.url}/#/waiting`)
    await page.getByText('We keep a place for you').waitFor()
    expect(await page.getByText('in under a minute').count()).toBe(0)
    await page.getByRole('heading', { name: 'You are on the list' }).waitFor()
    await expectAccessible(page, 'sign-up-waiting')
  })

  test('asks to confirm the link of a mail, and stays signed in until sign-out', async () => {
    await requestCode('grace@example.com')
    const link = (await mailTo('grace@example.com')).links[0] ?? ''
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByRole('button', { name: 'Confirm and continue' }).click()
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    expect(page.url()).toBe(`${host.url}/#/new`)
    await page.getByText('grace@example.com').waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    await page.goto(`${host.url}/#/signups/sup_other?code=123456`)
    await page.getByText('You are signed in as grace@example.com').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('E-mail address').waitFor()
    await expect.poll(() => context.cookies(host.url)).toEqual([])
  })

  test('goes on with a link whose code was taken before the connection broke', async () => {
    await requestCode('tunnel@example.com')
    const link = (await mailTo('tunnel@example.com')).links[0] ?? ''
    await using other = await browser.newContext({ locale: 'en-GB' })
    const theirs = await other.newPage()
    await theirs.route('**/v1/sites', (route) => route.abort(), { times: 1 })
    await theirs.goto(link)
    const confirm = theirs.getByRole('button', { name: 'Confirm and continue' })
    await confirm.click()
    await theirs.getByRole('alert').waitFor()
    await confirm.click()
    await theirs.getByRole('heading', { name: 'Name your site' }).waitFor()
  })

  test('asks the person who follows a link for the consent to marketing again', async () => {
    await openStart(page)
    await page.getByLabel('E-mail address').fill('hal@example.com')
    await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    const link = (await mailTo('hal@example.com')).links[0] ?? ''
    await page.goto('about:blank')
    await page.goto(link)
    const box = page.getByRole('checkbox')
    expect(await box.isChecked()).toBe(false)
    await expectAccessible(page, 'sign-up-confirm-consent')
    await box.check()
    await page.getByRole('button', { name: 'Confirm and continue' }).click()
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
    const account = await page.evaluate(async () => (await fetch('/v1/account')).json())
    expect(account).toMatchObject({ marketingConsent: true })
  })

  test('works by keyboard alone', async () => {
    await openStart(page)
    await page.getByRole('heading', { name: 'Start your free trial' }).waitFor()
    await page.getByLabel('E-mail address').focus()
    await page.keyboard.type('keys@example.com')
    await page.keyboard.press('Tab')
    // The consent to marketing, which nobody ticked. Without terms it is the only box.
    expect(await page.getByRole('checkbox').isChecked()).toBe(false)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    // The field has the focus.
    await page.keyboard.type((await mailTo('keys@example.com')).code)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
  })

  test('shows the right screen after reload and back, and offers a new code after a wait', async () => {
    // The countdown does not end while a slow machine loads pages.
    await page.clock.setFixedTime(Date.now())
    await requestCode('back@example.com')
    await page.reload()
    await page.getByText('back@example.com').waitFor()
    const resend = page.getByRole('button', { name: 'New code in' })
    expect(await resend.getAttribute('aria-disabled')).toBe('true')
    // Its text is in line with the field above.
    const left = `(() => {
      const range = document.createRange()
      range.selectNodeContents(document.querySelector('.sign-up .actions > .button.plain'))
      return range.getBoundingClientRect().left - document.querySelector('.field-box').getBoundingClientRect().left
    })()`
    expect(await page.evaluate(left)).toBe(0)
    await page.goBack()
    await page.getByLabel('E-mail address').waitFor()
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('back@example.com')
    await page.goForward()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    await page.getByRole('link', { name: 'Wrong address?' }).click()
    await page.getByLabel('E-mail address').waitFor()
  })

  test('keeps what was typed before its script ran', async () => {
    const { promise: isTyped, resolve: typed } = Promise.withResolvers<void>()
    await page.route(/\/assets\/sign-up-\w+\.js$/, async (route) => {
      await isTyped
      await route.continue()
    })
    await page.goto(host.url, { waitUntil: 'commit' })
    await page.getByLabel('E-mail address').fill('early@example.com')
    typed()
    await page.locator('form[novalidate]').waitFor()
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('early@example.com')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByText('early@example.com').waitFor()
  })

  test('continues in another tab that signed in', async () => {
    await requestCode('tabs@example.com')
    const other = await context.newPage()
    await other.goto((await mailTo('tabs@example.com')).links[0] ?? '')
    await other.getByRole('button', { name: 'Confirm and continue' }).click()
    await other.getByRole('heading', { name: 'Name your site' }).waitFor()
    // What a browser tells a tab that is shown again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
  })

  test('returns to where somebody was after their session has ended, and a request after the code failed', async () => {
    await page.goto(`${host.url}/#/account`)
    await page.getByLabel('E-mail address').fill('lost@example.com')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    await page.route('**/v1/signups/*/verification', async (taken) => {
      await page.route('**/v1/session/person?*', (route) => route.abort(), { times: 1 })
      await taken.continue()
    })
    await page.getByLabel('Code', { exact: true }).fill((await mailTo('lost@example.com')).code)
    await page.getByText('did not answer.').waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
    expect(page.url()).toBe(`${host.url}/sites/#/account`)
  })

  test('speaks German to those who want it, and remembers the choice', async () => {
    await openStart(page)
    await page.getByRole('button', { name: 'Deutsch' }).click()
    await page.getByRole('heading', { name: 'Kostenlos testen' }).waitFor()
    await expectAccessible(page, 'sign-up-email-german')
    await using german = await browser.newContext({ locale: 'de-AT' })
    const theirs = await german.newPage()
    await openStart(theirs)
    await theirs.getByRole('heading', { name: 'Kostenlos testen' }).waitFor()
    expect(await theirs.locator('html').getAttribute('lang')).toBe('de')
  })

  test('leads to the prices and the form from its top, also after a reload there', async () => {
    await openStart(page)
    const links = page.getByRole('banner').getByRole('link')
    await expect.poll(() => links.allTextContents()).toEqual(['Sitewright', 'Prices', 'Sign in'])
    await links.nth(1).click()
    await page.waitForURL(/#prices$/)
    await page.reload()
    await page.locator('form[novalidate]').waitFor()
    await page.getByRole('heading', { name: 'Prices' }).waitFor()
    await links.nth(2).click()
    expect(await page.evaluate('document.activeElement.id')).toBe('email')
    // Once on the page, at its top.
    expect(await page.getByRole('button', { name: 'Deutsch' }).count()).toBe(1)
    await page.goto(`${host.url}/#/signups/sgn_01jq3v5k8m0000000000000000`)
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    await expect.poll(() => links.allTextContents()).toEqual(['Sitewright'])
  })

  test('mails the code without JavaScript', async () => {
    await using plain = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' })
    const plainPage = await plain.newPage()
    await plainPage.goto(host.url)
    await plainPage.getByLabel('E-mail address').fill('plain@example.com')
    await plainPage.getByRole('button', { name: 'Send me a code' }).click()
    await plainPage.getByRole('heading', { name: 'Check your mail' }).waitFor()
    expect(plainPage.url()).toMatch(new RegExp(`^${host.url}/mailed/#/signups/sgn_`))
    await plainPage.getByText('The next steps need JavaScript.').waitFor()
    // The same address in a browser with JavaScript asks for the code.
    await page.goto(plainPage.url())
    await page.getByLabel('Code', { exact: true }).fill((await mailTo('plain@example.com')).code)
    await page.getByRole('heading', { name: 'Name your site' }).waitFor()
  })

  test('shows what a failed creation means', async () => {
    await signIn('failing@example.com')
    const answer = (status: number, kind: string) =>
      page.route('**/v1/sites', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({
              status,
              contentType: 'application/problem+json',
              body: JSON.stringify({ type: `urn:sitewright:problem:${kind}`, title: 'x', status, detail: 'x' }),
            })
          : route.fallback(),
      )
    await page.getByText('example.localhost is free.').waitFor()
    await answer(400, 'invalid-request')
    await page.getByRole('button', { name: 'Create my site' }).click()
    await page.getByText('This was not accepted. Check what you typed').waitFor()
    await page.unroute('**/v1/sites')
    await answer(503, 'unavailable')
    await page.getByRole('button', { name: 'Create my site' }).click()
    await page.getByText('No room at the moment').waitFor()
    await expectAccessible(page, 'sign-up-no-room')
    await page.unroute('**/v1/sites')
    await answer(429, 'waiting-list')
    await page.getByRole('button', { name: 'Create my site' }).click()
    await page.getByRole('heading', { name: 'You are on the list' }).waitFor()
  })

  test('follows a build, and says when it failed', async () => {
    await signIn('builds@example.com')
    const steps = ['storage', 'start', 'ready', 'open'].map((name, index) => ({
      name,
      status: index === 0 ? 'done' : index === 1 ? 'running' : 'pending',
    }))
    const progress = { percent: 25, steps, estimate: { usual: 40, ninetieth: 115 } }
    let failure: object | undefined
    const site = { id: 'site_x', name: 'X', hostname: 'x.localhost', url: host.url, progress }
    let status = 'building'
    await page.route('**/v1/sites/site_x', (route) => route.fulfill({ json: { ...site, status, failure } }))
    await page.goto(`${host.url}/#/building/site_x`)
    await page.getByRole('heading', { name: 'Your site is being built' }).waitFor()
    await page.getByText('Usually ready in 40 seconds, and 9 of 10 within 2 minutes.').waitFor()
    await expectAccessible(page, 'sign-up-build')
    status = 'failed'
    failure = { again: 'trial' }
    await page.getByRole('heading', { name: 'Your site could not be built' }).waitFor()
    await page.getByRole('link', { name: 'Try again' }).waitFor()
    await expectAccessible(page, 'sign-up-failed')
    failure = { again: 'place' }
    await page.reload()
    await page.getByText('The place of the site is free again').waitFor()
    expect(await page.getByRole('link', { name: 'Try again' }).count()).toBe(0)
    failure = undefined
    status = 'active'
    await page.reload()
    // Nobody waited on this page, so it does not leave by itself.
    await page.getByRole('button', { name: 'Open my site' }).waitFor()
    await expectAccessible(page, 'sign-up-ready')

    let asked = 0
    let refusal: { status: number; kind: string } | undefined
    await page.unroute('**/v1/sites/site_x')
    await page.route('**/v1/sites/site_x', (route) => {
      asked += 1
      if (refusal === undefined) return route.fulfill({ json: { ...site, status: 'building' } })
      const json = { type: `urn:sitewright:problem:${refusal.kind}` }
      return route.fulfill({ status: refusal.status, json })
    })
    await page.reload()
    await page.getByRole('heading', { name: 'Your site is being built' }).waitFor()
    refusal = { status: 429, kind: 'rate-limited' }
    await page.getByText('This may be out of date').waitFor()
    refusal = { status: 404, kind: 'not-found' }
    await page.getByText('This does not exist any more').waitFor()
    const before = asked
    await page.waitForTimeout(3000)
    expect(asked).toBe(before)
    refusal = undefined
    await page.reload()
    await page.getByRole('heading', { name: 'Your site is being built' }).waitFor()
    const signsIn = page.waitForEvent('load')
    refusal = { status: 401, kind: 'unauthenticated' }
    await signsIn
    // Whose session has not ended is where they were at once.
    refusal = undefined
    await page.getByRole('heading', { name: 'Your site is being built' }).waitFor()
  })
})
