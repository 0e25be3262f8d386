import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '../e2e/call.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openBuyer } from './open-buyer.ts'
import { openBrowser } from './open-pages.ts'
import { takeShot } from './take-shot.ts'
import { expectAccessible } from './watch-page.ts'

vi.setConfig({ testTimeout: 600_000 })

interface Domain {
  readonly hostname: string
  readonly state: string
  readonly records: readonly { readonly type: string; readonly name: string; readonly value: string }[]
}

describe.skipIf(!hasBrowser())('custom domains in the console', () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '2' })
    ;({ host, browser } = opening)
    return opening.close
  })

  const setRecord = async (name: string, records: object) => {
    expect((await call(host, { method: 'PUT', path: `/_local/dns/${name}`, body: records })).status).toBe(200)
  }
  const setRecords = async ({ records }: Domain) => {
    for (const { type, name, value } of records) {
      await setRecord(name, type === 'TXT' ? { TXT: value } : { CNAME: value })
    }
  }
  const open = async (slug: string) => {
    const buyer = await openBuyer(host, browser, slug)
    const { page, site } = buyer
    /** Shows the domains as they are now. */
    const check = async () => {
      await page.goto(`${host.url}/sites/#/sites/${site.id}?part=domains`)
      await page.reload()
    }
    const item = (hostname: string) => page.getByRole('listitem', { name: hostname, exact: true })
    return { ...buyer, check, item, [Symbol.asyncDispose]: () => buyer[Symbol.asyncDispose]() }
  }
  /** An owner whose plan has domains. */
  const openOwner = async (slug: string) => {
    const owner = await open(slug)
    const { page, ask, check } = owner
    await owner.buy('starter')
    await check()
    const domains = async () => (await ask<{ domains: Domain[] }>('GET', '/domains')).json.domains
    /** Adds one without the page, its records set. */
    const given = async (hostname: string) => {
      const { json } = await ask<Domain>('POST', '/domains', { hostname })
      await setRecords(json)
      expect((await ask<Domain>('POST', `/domains/${hostname}/verification`)).json.state).toBe('verified')
      await check()
      return json
    }
    const add = async (hostname: string) => {
      await page.getByLabel('Hostname').fill(hostname)
      await page.getByLabel('Hostname').press('Enter')
    }
    return { ...owner, domains, given, add, [Symbol.asyncDispose]: () => owner[Symbol.asyncDispose]() }
  }

  test('tells a trial which plans have custom domains', async () => {
    await using opened = await open('ada')
    const { page, check } = opened
    await page.route('**/v1/plans', (route) => route.fulfill({ status: 503, json: {} }))
    await check()
    await page.getByRole('heading', { name: 'This could not be loaded' }).waitFor()
    expect(await page.getByText('No plan has custom domains').count()).toBe(0)
    await page.unroute('**/v1/plans')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Custom domains are part of these plans: Starter, Growth and Enterprise.').waitFor()
    expect(await page.getByLabel('Hostname').count()).toBe(0)
    await expectAccessible(page, 'owner-domains-trial')
    await page.getByRole('link', { name: 'See plans' }).click()
    await page.getByRole('tab', { name: 'Plan', selected: true }).waitFor()
  })

  test('adds a domain by keyboard, copies its records and verifies it', async () => {
    await using owner = await openOwner('grace')
    const { page, item } = owner
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await owner.add('WWW.Grace.example.com')
    const domain = item('www.grace.example.com')
    await domain.getByText('Set these records at your DNS provider.').waitFor()
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('www.grace.example.com')
    expect(await page.getByLabel('Hostname').inputValue()).toBe('')

    const [{ records } = { records: [] }] = await owner.domains()
    expect(records.map(({ type }) => type)).toEqual(['TXT', 'CNAME'])
    for (const { type, name, value } of records) {
      for (const [what, text] of Object.entries({ Name: name, Value: value })) {
        await domain.getByRole('button', { name: `Copy: ${type}, ${what}` }).click()
        await domain.getByRole('button', { name: `Copied: ${type}, ${what}` }).waitFor()
        expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text)
      }
    }
    const check = domain.getByRole('button', { name: 'Check now' })
    await check.click()
    await domain.getByText('Not correct yet: TXT and CNAME.').waitFor()
    await expectAccessible(page, 'owner-domains-waiting')

    const [ownership, traffic] = records
    await setRecord(ownership!.name, { TXT: ownership!.value })
    await check.click()
    await domain.getByText('Not correct yet: CNAME.').waitFor()
    await domain.getByText('TXT record proves that the domain is yours Correct').waitFor()
    await setRecord(traffic!.name, { CNAME: traffic!.value })
    await check.click()
    await domain.getByText('The domain is verified. It can take a few minutes until it shows your site.').waitFor()
    await domain.getByText('Checked just now: the records are correct.').waitFor()
    await takeShot(page, 'owner-domains-verified')
    await waitFor(async () => (await call(host, { at: 'www.grace.example.com', path: '/' })).status === 200)
  })

  test('updates while a domain is pending', async () => {
    await using owner = await openOwner('mary')
    const { page, item } = owner
    const { json } = await owner.ask<Domain>('POST', '/domains', { hostname: 'mary.example' })
    await owner.check()
    const domain = item('mary.example')
    await domain.getByText('ALIAS record sends visitors to your site').waitFor()
    await domain.getByText('call an ALIAS record ANAME').waitFor()
    // As on a page of plain HTTP on another machine.
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await domain.getByRole('button', { name: 'Copy: TXT, Value' }).click()
    await domain.getByRole('button', { name: 'Selected: press Ctrl+C: TXT, Value' }).waitFor()
    expect(await page.evaluate('getSelection().toString()')).toBe(json.records[0]?.value)
    await domain.getByRole('button', { name: 'Check now' }).click()
    await domain.getByText('Not correct yet').waitFor()
    await setRecords(json)
    // As the host does by itself, only sooner.
    const verified = await owner.ask<Domain>('POST', '/domains/mary.example/verification')
    expect(verified.json.state).toBe('verified')
    await page.getByRole('status').getByText('Verified: mary.example.').waitFor()
    await domain.getByText('The domain is verified. It can take a few minutes until it shows your site.').waitFor()
    expect(await domain.getByText('Not correct yet').count()).toBe(0)
  })

  test('says beside the field why a domain is refused', async () => {
    await using other = await openOwner('edith')
    await other.given('www.edith.example.com')
    await using owner = await openOwner('joan')
    const { page } = owner
    const field = page.getByLabel('Hostname')
    for (const [hostname, why] of [
      ['', 'Type a hostname, such as'],
      ['localhost', 'Type a whole hostname with a dot'],
      ['shop.joan.localhost', 'This hostname is one of our own domains.'],
      ['127.0.0.1', 'Type a hostname, not an IP address.'],
      ['co.uk', 'Everybody registers domains below this name.'],
      ['*.example.com', 'Type a single hostname, without *.'],
      [
        'www.edith.example.com',
        'Another site uses this domain. If it is yours, set the TXT record _sitewright.www.edith',
      ],
    ] as const) {
      await owner.add(hostname)
      await page.getByText(why).waitFor()
      expect([await field.getAttribute('aria-invalid'), await field.inputValue()]).toEqual(['true', hostname])
      expect(await page.evaluate('document.activeElement.name')).toBe('hostname')
    }
    await expectAccessible(page, 'owner-domains-refused')
    expect(await owner.domains()).toEqual([])

    for (let count = 0; count < 20; count += 1) {
      const added = await owner.ask('POST', '/domains', { hostname: `www${count}.joan.example.com` })
      expect(added.status).toBe(201)
    }
    await owner.add('www.joan.example.com')
    await page.getByText('A site has at most 20 domains. Remove one first.').waitFor()
  })

  test('offers plans after the plan changed, and says when the domains end', async () => {
    await using owner = await openOwner('lise')
    const { page, site, item } = owner
    await owner.given('www.lise.example.com')
    const operator = await call<{ token: string }>(host, {
      method: 'POST',
      path: '/_local/operators',
      body: { email: 'sue@example.com', role: 'admin' },
    })
    // After the page has read the plan, and before it adds one.
    await page.route(`**/v1/sites/${site.id}/domains`, async (route) => {
      if (route.request().method() === 'POST') {
        const changed = await call(host, {
          method: 'POST',
          path: `/v1/operator/sites/${site.id}/plan`,
          headers: { authorization: `Bearer ${operator.json.token}` },
          body: { plan: 'trial', reason: 'a test' },
        })
        expect(changed.status).toBe(200)
        // Otherwise the page shows it a minute later.
        await waitFor(async () => (await owner.domains())[0]?.state === 'releasing')
      }
      await route.continue()
    })
    await owner.add('shop.lise.example.com')
    await page.getByText('Custom domains are part of these plans: Starter, Growth and Enterprise.').waitFor()
    expect(await page.getByLabel('Hostname').count()).toBe(0)
    const domain = item('www.lise.example.com')
    await domain.getByText('(in 7 days). Your plan has no custom domains.').waitFor()
    await takeShot(page, 'owner-domains-plan-changed')
  })

  test('warns of missing records, keeps restored domains, removes after a question', async () => {
    await using owner = await openOwner('vera')
    const { page, item } = owner
    const given = await owner.given('www.vera.example.com')
    const domain = item('www.vera.example.com')
    await domain.getByText('The domain is verified. It can take a few minutes until it shows your site.').waitFor()
    await setRecord('_sitewright.www.vera.example.com', { TXT: 'something else' })
    const check = domain.getByRole('button', { name: 'Check now' })
    await check.click()
    await domain.getByText('Missing or wrong: TXT.').waitFor()
    await domain.getByText('Missing or wrong', { exact: true }).waitFor()
    expect((await call(host, { method: 'POST', path: '/_local/clock', body: { advance: 'P1DT2H' } })).status).toBe(200)
    await owner.check()
    await domain.getByText('(in 7 days). Its DNS records are missing or wrong.').waitFor()
    await expectAccessible(page, 'owner-domains-warned')
    await setRecords(given)
    await check.click()
    await domain.getByText('Checked just now: the records are correct.').waitFor()
    await domain.getByText('The domain is verified and shows your site.').waitFor()

    await domain.getByRole('button', { name: 'Remove' }).click()
    const dialog = page.getByRole('dialog', { name: 'Remove www.vera.example.com?' })
    await dialog.getByText('The domain stops working at once.').waitFor()
    await expectAccessible(page, 'owner-domains-removing')
    await dialog.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await owner.domains()).toHaveLength(1)
    await page.keyboard.press('Enter')
    // It is done, and its reply is lost: pressing again finds nothing left to do.
    await page.route('**/domains/www.vera.example.com', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await dialog.getByRole('button', { name: 'Remove domain' }).click()
    await dialog.getByRole('alert').getByText('Sitewright did not answer.').waitFor()
    await page.unroute('**/domains/www.vera.example.com')
    await dialog.getByRole('button', { name: 'Remove domain' }).click()
    await page.getByRole('status').getByText('www.vera.example.com is removed.').waitFor()
    expect(await owner.domains()).toEqual([])
    expect(await domain.count()).toBe(0)
  })

  test('sets the records on this machine with one button', async () => {
    await using owner = await openOwner('nina')
    const { page, add, item } = owner
    await add('www.nina.example.com')
    const domain = item('www.nina.example.com')
    await domain.getByRole('button', { name: 'Set these records here' }).click()
    await domain.getByText('The domain is verified.').waitFor()
    // It becomes the address of the site wherever the console names that.
    await page.locator('.site-title').getByText('www.nina.example.com').waitFor()
    await domain.getByText('Main', { exact: true }).waitFor()
    await page.getByRole('tab', { name: 'Overview' }).click()
    await page.getByRole('definition').getByText('www.nina.example.com').waitFor()
  })

  test('fits on a phone', async () => {
    await using owner = await openOwner('a-name-that-is-rather-long-for-a-phone')
    const { page, item } = owner
    const hostname = `${'a-long-label-'.repeat(4)}z.example.com`
    await owner.ask('POST', '/domains', { hostname })
    await page.setViewportSize({ width: 320, height: 640 })
    await owner.check()
    await item(hostname).getByRole('button', { name: 'Check now' }).click()
    await item(hostname).getByText('Not correct yet').waitFor()
    await takeShot(page, 'owner-domains-phone')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
  })
})
