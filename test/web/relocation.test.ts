import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { createRandomness } from '../../adapters/randomness.ts'
import { siteChange } from '../../core/site/lifecycle.ts'
import type { Relocation } from '../../core/site/relocation.ts'
import type { LiveSite } from '../../core/site/site.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { openStore } from '../../local/open-store.ts'
import config from '../../sitewright.config.ts'
import { getSite } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { engineAddress } from '../torture/inspect-sites.ts'
import { openWithSite } from './console-page.ts'
import { openBrowser, openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

vi.setConfig({ testTimeout: 600_000 })

const year = new Date().getUTCFullYear() + 1

describe.skipIf(!hasBrowser())('a planned relocation in a browser', () => {
  let host: StartedHost
  let browser: Browser
  let opened: Awaited<ReturnType<typeof openWithSite>>
  let operator: Awaited<ReturnType<typeof openPage>>

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '0' })
    ;({ host, browser } = opening)
    opened = await openWithSite(host, browser, 'ada')
    operator = await openPage(browser)
    return opening.close
  })

  const openAs = async (role: string): Promise<Page> => {
    const { page } = operator
    const data = { email: `${role}@example.com`, role }
    expect((await page.request.post(`${host.url}/_local/operators/session`, { data })).ok()).toBe(true)
    await page.goto(`${host.url}/operator/#/sites/${opened.site.id}?part=relocation`)
    await page.reload()
    await page.getByRole('tab', { name: 'Relocation' }).waitFor()
    return page
  }
  const openOwner = async (): Promise<Page> => {
    const { page, site } = opened
    await page.goto(`${host.url}/sites/#/sites/${site.id}`)
    await page.reload()
    await page.getByRole('heading', { name: site.name }).waitFor()
    return page
  }
  /** As a rehearsal, the clock or a workflow does. */
  const change = async (of: (relocation: Relocation) => Partial<Relocation>): Promise<void> => {
    const policies = trialPolicies(config.trialPolicies)
    const store = await openStore(await engineAddress(host.home), { policies, onCommit: () => undefined })
    try {
      const before = (await store.sites.get(opened.site.id as LiveSite['id'])) as LiveSite
      const { relocation } = before
      if (relocation === undefined) throw new Error('no relocation is planned')
      const after: LiveSite = {
        ...before,
        version: before.version + 1,
        relocation: { ...relocation, ...of(relocation) },
      }
      const clock = () => new Date().toISOString()
      const context = {
        actor: { kind: 'system' },
        causationId: 'test',
        clocks: { domain: clock, wall: clock },
        randomness: createRandomness(),
      } as const
      const details = { revision: relocation.revision }
      await store.sites.commit(siteChange({ transition: 'draftRelocation', before, after, details }, context))
    } finally {
      store.close()
    }
  }
  const rehearse = () =>
    change(() => {
      const blueprint = { name: 'welcome', version: 1 }
      return { forecast: { seconds: 200, rehearsedAt: new Date().toISOString(), blueprint } }
    })

  test('is planned by sales, with problems at their fields', async () => {
    const page = await openAs('sales')
    await page.getByText('The site does not change now.').waitFor()
    await expectAccessible(page, 'operator-relocation-form')
    await page.getByRole('button', { name: 'Save the plan' }).click()
    await page.getByText('must be a local time').first().waitFor()
    await expect.poll(() => page.evaluate('document.activeElement?.name')).toBe('window.from')
    await page.getByLabel('Begins at the earliest').fill(`${year}-12-05T22:00`)
    await page.getByLabel('Ends at the latest').fill(`${year}-12-05T22:10`)
    await page.getByLabel('Time zone').selectOption('Europe/Berlin')
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Save the plan' }) })
    await form.getByLabel('Number of the contract').fill('SW-4')
    await form.getByLabel('First day').fill(`${year}-12-31`)
    await form.getByLabel('Last day').fill(`${year}-12-01`)
    await page.getByRole('button', { name: 'Save the plan' }).click()
    await page.getByText('is shorter than half an hour').first().waitFor()
    await page.getByLabel('Ends at the latest').fill(`${year}-12-06T02:00`)
    await page.getByRole('button', { name: 'Save the plan' }).click()
    await page.getByText('The contract ends before it begins.').first().waitFor()
    await expect.poll(() => page.evaluate('document.activeElement?.name')).toBe('contract.lastDay')
    await expectAccessible(page, 'operator-relocation-problems')
    await form.getByLabel('Last day').fill(`${year + 1}-12-31`)
    await page.getByLabel('Plan', { exact: true }).selectOption({ index: 2 })
    await page.getByLabel('Days to go back').fill('7')
    await page.getByRole('button', { name: 'Save the plan' }).click()
    await page.getByText('not rehearsed yet').waitFor()
    await page.getByText('Window (Europe/Berlin)').waitFor()
    expect(await page.getByLabel('Days to go back').inputValue()).toBe('7')
    await page.getByText(/5 December \d+ at 21:00/).waitFor()
    await page.getByText(`SW-4, 31 December ${year} to 31 December ${year + 1}`).waitFor()
    // The head of the page covers what is scrolled below it.
    await page.evaluate('window.scrollTo(0, 0)')
    await expectAccessible(page, 'operator-relocation')
  })

  test('keeps what is typed while somebody else changes the plan, and does not save over it', async () => {
    const page = await openAs('sales')
    await page.getByText('What, when and under which contract').click()
    await page.getByLabel('Days to go back').fill('9')
    const { id } = opened.site
    const { relocation } = await (await page.request.get(`${host.url}/v1/operator/sites/${id}`)).json()
    const { target, contract } = relocation
    const window = { from: `${year}-12-05T22:00`, until: `${year}-12-06T02:00`, timeZone: 'Europe/Berlin' }
    const data = { target: { plan: target.plan }, window, contract: { ...contract, note: undefined }, confirmDays: 10 }
    const theirs = await page.request.put(`${host.url}/v1/operator/sites/${id}/relocation`, {
      ...{ headers: { origin: host.url }, data },
    })
    expect(theirs.ok()).toBe(true)
    await page.locator('dt', { hasText: 'Revision' }).locator('+ dd', { hasText: '2' }).waitFor()
    expect(await page.getByLabel('Days to go back').inputValue()).toBe('9')
    await page.getByRole('button', { name: 'Save the plan' }).click()
    await page.getByText('Somebody else has changed this').waitFor()
    expect(await page.getByLabel('Days to go back').inputValue()).toBe('9')
    await page.getByRole('button', { name: 'Show the present state' }).click()
    await expect.poll(() => page.getByLabel('Days to go back').inputValue()).toBe('10')
    expect(await page.getByText('Somebody else has changed this').count()).toBe(0)
  })

  test('is accepted by the owner once it was rehearsed', async () => {
    const page = await openOwner()
    expect(await page.getByText('A change of your site is planned').count()).toBe(0)
    await rehearse()
    await (await openAs('sales')).getByText('Waits for the owner').waitFor()
    await page.getByRole('heading', { name: 'A change of your site is planned' }).waitFor()
    await page.getByText('about 4 minutes').waitFor()
    await page.getByText(/5 December \d+ at 22:00/).waitFor()
    await expectAccessible(page, 'owner-relocation')
    await change(({ revision }) => ({ revision: revision + 1 }))
    await page.getByRole('button', { name: 'Accept' }).focus()
    await page.route('**/relocation/accept', (route) => route.continue({ postData: JSON.stringify({ revision: 1 }) }))
    await page.keyboard.press('Enter')
    await page.getByText('The plan has changed meanwhile').waitFor()
    await page.unroute('**/relocation/accept')
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByText('You have accepted the change.').waitFor()
    await page.getByText('The change of your site is agreed.').waitFor()
    expect(await page.getByText('The plan has changed meanwhile').count()).toBe(0)
    await expectAccessible(page, 'owner-relocation-accepted')
    expect(await getSite(host, opened.person, opened.site.id)).toMatchObject({ relocation: { state: 'accepted' } })
  })

  test('is switched, and confirmed by sales; admins can also switch back', async () => {
    const at = new Date().toISOString()
    await change(() => ({ state: 'switched', switched: { at, archiveId: 'arc_01jq3v5k8m0000000000000000', back: {} } }))
    const owner = await openOwner()
    await owner.getByText('Your site runs as agreed.').waitFor()
    await expectAccessible(owner, 'owner-relocation-switched')
    const page = await openAs('admin')
    await page.getByText('Confirmed by itself on').waitFor()
    expect(await page.getByText('What, when and under which contract').count()).toBe(0)
    await page.getByRole('button', { name: 'Switch back' }).click()
    await page.getByText('The data of now becomes an archive').waitFor()
    await expectAccessible(page, 'operator-relocation-back')
    await page.getByRole('dialog').press('Escape')
    await openAs('sales')
    expect(await page.getByRole('button', { name: 'Switch back' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('dialog').getByText('is not renewed').waitFor()
    await page.getByLabel('Reason').fill('They are content.')
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('Done: Confirm.').waitFor()
    expect(await getSite(host, opened.person, opened.site.id)).toMatchObject({ relocation: null })
  })

  test('has a contract that sales replace and end', async () => {
    const page = await openAs('sales')
    await page.getByText(`SW-4, 31 December ${year} to 31 December ${year + 1}`).waitFor()
    await page.getByText('Change the contract').click()
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Save the contract' }) })
    await form.getByLabel('Last day').fill('')
    await form.getByRole('button').click()
    await expect.poll(() => page.evaluate('document.activeElement?.name')).toBe('contract.lastDay')
    await form.getByLabel('Last day').fill(`${year + 2}-12-31`)
    await expectAccessible(page, 'operator-contract')
    await form.getByRole('button').click()
    await page.getByText(`SW-4, 31 December ${year} to 31 December ${year + 2}`).waitFor()
    await page.getByRole('button', { name: 'End the contract' }).click()
    await page.getByLabel('Reason').fill('They leave.')
    await page.getByRole('dialog').getByRole('button', { name: 'End the contract' }).click()
    await page.getByText('Done: End the contract.').waitFor()
    await expect.poll(() => page.getByText('SW-4,').count()).toBe(0)
  })
})
