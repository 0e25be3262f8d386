import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '../e2e/call.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { showsList } from './console-page.ts'
import { openBuyer } from './open-buyer.ts'
import { takeShot } from './take-shot.ts'

vi.setConfig({ testTimeout: 120_000 })

interface Domain {
  readonly hostname: string
  readonly state: string
  readonly records: readonly { readonly type: string; readonly name: string; readonly value: string }[]
}

describe.skipIf(!hasBrowser())('custom domains in the console', () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '2' } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
  })

  const reload = async (page: Page) => {
    await page.reload()
    await showsList(page)
  }
  const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent')
  const setRecord = async (name: string, records: object) => {
    expect((await call(host, { method: 'PUT', path: `/_local/dns/${name}`, body: records })).status).toBe(200)
  }
  const setRecords = async ({ records }: Domain) => {
    for (const { type, name, value } of records) {
      await setRecord(name, type === 'TXT' ? { TXT: value } : { CNAME: value })
    }
  }
  /** An owner whose plan has domains. */
  const openOwner = async (slug: string) => {
    const buyer = await openBuyer(host, browser, slug)
    await buyer.buy('starter')
    await reload(buyer.page)
    const domains = async () => (await buyer.ask<{ domains: Domain[] }>('GET', '/domains')).json.domains
    const item = (hostname: string) =>
      buyer.page.locator('.domain', { has: buyer.page.getByRole('heading', { name: hostname }) })
    /** Adds one without the page, its records set. */
    const given = async (hostname: string) => {
      const { json } = await buyer.ask<Domain>('POST', '/domains', { hostname })
      await setRecords(json)
      expect((await buyer.ask<Domain>('POST', `/domains/${hostname}/verification`)).json.state).toBe('verified')
      await reload(buyer.page)
      await buyer.page.getByText('Custom domains', { exact: true }).click()
      return json
    }
    const add = async (hostname: string) => {
      await buyer.page.getByLabel('Hostname').fill(hostname)
      await buyer.page.keyboard.press('Enter')
    }
    return { ...buyer, domains, item, given, add, [Symbol.asyncDispose]: () => buyer[Symbol.asyncDispose]() }
  }

  test('tells a trial which plans have custom domains', async () => {
    await using opened = await openBuyer(host, browser, 'ada')
    const { page, trouble } = opened
    await page.getByText('Custom domains are part of the plans Starter, Growth and Enterprise.').waitFor()
    expect(await page.getByText('Custom domains', { exact: true }).isVisible()).toBe(false)
    await takeShot(page, 'domains-trial')
    expect(trouble).toEqual([])
  })

  test('adds a domain by keyboard, copies its records and verifies it', async () => {
    await using owner = await openOwner('grace')
    const { page, trouble, item } = owner
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    expect(await page.getByText('Custom domains are part of').isVisible()).toBe(false)
    await page.getByText('Custom domains', { exact: true }).click()
    await takeShot(page, 'domains-none')
    await owner.add('WWW.Grace.example.com')
    const domain = item('www.grace.example.com')
    await domain.getByText('Waiting for DNS. Set these records').waitFor()
    expect(await focused(page)).toBe('www.grace.example.com')
    expect(await page.getByLabel('Hostname').inputValue()).toBe('')

    const [{ records } = { records: [] }] = await owner.domains()
    expect(records.map(({ type }) => type)).toEqual(['TXT', 'CNAME'])
    for (const { type, name, value } of records) {
      for (const [what, text] of Object.entries({ name, value })) {
        await domain.getByRole('button', { name: `Copy the ${what} of the ${type} record` }).click()
        await domain.getByRole('status').getByText(`Copied the ${what} of the ${type} record.`).waitFor()
        expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text)
      }
    }
    // The page also checks by itself, and does not find it.
    await domain.getByRole('button', { name: 'Check DNS now' }).click()
    await domain.getByText('Not correct yet: the TXT record and the CNAME record.').waitFor()
    await takeShot(page, 'domains-waiting')

    const [ownership, traffic] = records
    await setRecord(ownership!.name, { TXT: ownership!.value })
    await reload(page)
    await domain.getByText('Waiting for DNS. Set these records').waitFor()
    await domain.getByRole('button', { name: 'Check DNS now' }).click()
    await domain.getByText('Not correct yet: the CNAME record.').waitFor()
    await domain.getByText('TXT record proves that the domain is yours: ✓ correct').waitFor()
    await setRecord(traffic!.name, { CNAME: traffic!.value })
    await domain.getByRole('button', { name: 'Check DNS now' }).click()
    await domain.getByText('The domain is verified. It can take a few minutes until it shows your site.').waitFor()
    await domain.getByText('Checked just now: the records are correct.').waitFor()
    await takeShot(page, 'domains-verified')
    await waitFor(async () => (await call(host, { at: 'www.grace.example.com', path: '/' })).status === 200)
    expect(trouble).toEqual([])
  })

  test('updates while a domain is pending', async () => {
    await using owner = await openOwner('mary')
    const { page, trouble, item } = owner
    const { json } = await owner.ask<Domain>('POST', '/domains', { hostname: 'mary.example' })
    await reload(page)
    const domain = item('mary.example')
    await domain.getByText('ALIAS record sends visitors to your site').waitFor()
    await domain.getByText('call an ALIAS record ANAME').waitFor()
    // As on a page of plain HTTP on another machine.
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await domain.getByRole('button', { name: 'Copy the value of the TXT record' }).click()
    await domain.getByText('We selected the value of the TXT record').waitFor()
    expect(await page.evaluate('getSelection().toString()')).toBe(json.records[0]?.value)
    await setRecords(json)
    // As the host does by itself, only sooner.
    const verified = await owner.ask<Domain>('POST', '/domains/mary.example/verification')
    expect(verified.json.state).toBe('verified')
    await page.getByRole('status').getByText('mary.example is verified and shows your site.').waitFor()
    await domain.getByText('The domain is verified. It can take a few minutes until it shows your site.').waitFor()
    expect(trouble).toEqual([])
  })

  test('says beside the field why a domain is refused', async () => {
    await using other = await openOwner('edith')
    await other.given('www.edith.example.com')
    await using owner = await openOwner('joan')
    const { page, trouble } = owner
    await page.getByText('Custom domains', { exact: true }).click()
    const field = page.getByLabel('Hostname')
    for (const [hostname, why] of [
      ['', 'Type a hostname'],
      ['localhost', 'This hostname must have at least two labels'],
      ['shop.joan.localhost', 'This hostname is one of our own domains.'],
      ['127.0.0.1', 'This hostname must be a hostname and not an IP address.'],
      ['co.uk', 'This hostname is a public suffix'],
      ['*.example.com', 'This hostname must be a single hostname'],
      ['www.edith.example.com', 'is in use by another site. If it is yours, set the TXT record'],
    ] as const) {
      await owner.add(hostname)
      await page.getByText(why).waitFor()
      expect([await field.getAttribute('aria-invalid'), await field.inputValue()]).toEqual(['true', hostname])
      expect(await page.evaluate('document.activeElement.name')).toBe('hostname')
    }
    await takeShot(page, 'domains-refused')
    expect(await owner.domains()).toEqual([])

    for (let count = 0; count < 20; count += 1) {
      const added = await owner.ask('POST', '/domains', { hostname: `www${count}.joan.example.com` })
      expect(added.status).toBe(201)
    }
    await owner.add('www.joan.example.com')
    await page.getByText('A site has at most 20 domains. Remove one first.').waitFor()
    expect(trouble).toEqual([])
  })

  test('offers plans after the plan changed, and says when the domains end', async () => {
    await using owner = await openOwner('lise')
    const { page, site, item, trouble } = owner
    await owner.given('www.lise.example.com')
    const operator = await call<{ token: string }>(host, {
      method: 'POST',
      path: '/_local/operators',
      body: { email: 'sue@example.com', role: 'admin' },
    })
    const changed = await call(host, {
      method: 'POST',
      path: `/v1/operator/sites/${site.id}/plan`,
      headers: { authorization: `Bearer ${operator.json.token}` },
      body: { plan: 'trial', reason: 'a test' },
    })
    expect(changed.status).toBe(200)
    await owner.add('shop.lise.example.com')
    await page.getByRole('alert').getByText('Custom domains are not part of the plan Trial').waitFor()
    await page.getByText('Starter €19.00 a month').waitFor()
    await page.getByText('Custom domains are part of the plans Starter, Growth and Enterprise.').waitFor()
    expect(await page.getByLabel('Hostname').isVisible()).toBe(false)
    const domain = item('www.lise.example.com')
    await domain.getByText('(in 7 days) because your plan has no custom domains.').waitFor()
    await takeShot(page, 'domains-plan-changed')
    expect(trouble).toEqual([])
  })

  test('warns of missing records, keeps restored domains, removes after a second press', async () => {
    await using owner = await openOwner('vera')
    const { page, item, trouble } = owner
    const given = await owner.given('www.vera.example.com')
    const domain = item('www.vera.example.com')
    await domain.getByText('The domain is verified. It can take a few minutes until it shows your site.').waitFor()
    await setRecord('_sitewright.www.vera.example.com', { TXT: 'something else' })
    const look = domain.getByRole('button', { name: 'Check DNS now' })
    await look.click()
    await domain.getByText('The TXT record is missing or wrong.').waitFor()
    await domain.getByText('✗ missing or wrong').waitFor()
    expect((await call(host, { method: 'POST', path: '/_local/clock', body: { advance: 'P1DT2H' } })).status).toBe(200)
    await reload(page)
    await domain.getByText('(in 7 days) because its DNS records are missing or wrong.').waitFor()
    await takeShot(page, 'domains-warned')
    await setRecords(given)
    await look.click()
    await domain.getByText('Checked just now: the records are correct.').waitFor()
    await domain.getByText('The domain is verified and shows your site.').waitFor()

    await domain.getByRole('button', { name: 'Remove www.vera.example.com' }).click()
    expect(await focused(page)).toBe('Remove domain')
    await domain.getByRole('button', { name: 'Keep domain' }).click()
    expect(await focused(page)).toBe('Remove')
    await page.keyboard.press('Enter')
    await domain.getByText('The domain will stop working.').waitFor()
    expect(await owner.domains()).toHaveLength(1)
    await takeShot(page, 'domains-removing')
    // It is done, and its reply is lost: pressing again finds nothing left to do.
    await page.route('**/domains/www.vera.example.com', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await page.keyboard.press('Enter')
    await domain.getByRole('alert').getByText('Sitewright did not answer.').waitFor()
    await page.unroute('**/domains/www.vera.example.com')
    await domain.getByRole('button', { name: 'Remove domain' }).click()
    await page.getByRole('status').getByText('www.vera.example.com is removed.').waitFor()
    expect(await owner.domains()).toEqual([])
    expect([await domain.count(), await focused(page)]).toEqual([0, 'Custom domains'])
    expect(trouble).toEqual([])
  })

  test('fits on a phone', async () => {
    await using owner = await openOwner('a-name-that-is-rather-long-for-a-phone')
    const { page, item } = owner
    const hostname = `${'a-long-label-'.repeat(4)}z.example.com`
    await owner.ask('POST', '/domains', { hostname })
    await page.setViewportSize({ width: 320, height: 640 })
    await reload(page)
    await item(hostname).getByRole('button', { name: 'Check DNS now' }).click()
    await item(hostname).getByText('Not correct yet').waitFor()
    await item(hostname).getByRole('button', { name: 'Remove' }).click()
    await takeShot(page, 'domains-phone')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
  })
})
