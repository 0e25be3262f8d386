import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '../e2e/call.ts'
import { mailTo, signIn } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openConsole, openWithSite } from './console-page.ts'
import { openBrowser, openPage } from './open-pages.ts'
import { noon, sampleSite } from './sample-site.ts'
import { expectAccessible } from './watch-page.ts'

vi.setConfig({ testTimeout: 600_000 })

describe.skipIf(!hasBrowser())("the team on the owner's page", () => {
  let host: StartedHost
  let browser: Browser

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '1' })
    ;({ host, browser } = opening)
    return opening.close
  })

  const invitation = async (email: string): Promise<string> => {
    const mail = await waitFor(async () =>
      (await mailTo(host, email)).find(({ subject }) => subject.includes('invites you to a team')),
    )
    return mail.links[0] ?? ''
  }
  const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text })

  test('grows by an invitation, and shrinks again', async () => {
    await using ada = await openWithSite(host, browser, 'ada')
    const { page } = ada
    await page.goto(`${host.url}/sites/#/team`)
    await page.getByLabel('E-mail address').fill('bob')
    await page.getByRole('button', { name: 'Send invitation' }).click()
    await page.getByText('Enter an address such as').waitFor()
    await page.getByLabel('E-mail address').fill('bob@example.com')
    await page.route('**/v1/team/invitations', (route) =>
      route.fulfill({ status: 409, json: { type: 'urn:sitewright:problem:limits-exceeded' } }),
    )
    await page.getByRole('button', { name: 'Send invitation' }).click()
    await page.getByText('This would be more than is allowed.').waitFor()
    await page.unroute('**/v1/team/invitations')
    await page.getByRole('button', { name: 'Send invitation' }).click()
    await row(page, 'bob@example.com').getByRole('button', { name: 'Send again' }).waitFor()
    await page.getByText('New token').click()
    await page.getByLabel('What it is for').fill('nobody saw it')
    await page.route('**/v1/team/tokens', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback()
      await route.fetch()
      await route.abort()
    })
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByText('If a new token is in the list, nobody has seen it').waitFor()
    await row(page, 'nobody saw it').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('There are no tokens.').waitFor()
    await page.unroute('**/v1/team/tokens')
    await page.getByLabel('What it is for').fill('CI of the shop')
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByText('It is not shown again.').waitFor()
    await expectAccessible(page, 'owner-team')

    await using eve = await openConsole(host, browser, 'eve@example.com')
    await eve.page.goto(await invitation('bob@example.com'))
    await eve.page.getByText('You are signed in as eve@example.com.').waitFor()
    await expectAccessible(eve.page, 'owner-invitation-of-somebody-else')

    await using bob = await openConsole(host, browser, 'bob@example.com')
    await bob.page.goto(await invitation('bob@example.com'))
    await bob.page.getByRole('button', { name: 'Accept' }).waitFor()
    await expectAccessible(bob.page, 'owner-invitation')
    await bob.page.getByRole('button', { name: 'Accept' }).click()
    await bob.page.getByRole('link', { name: 'Manage site' }).waitFor()
    const account = bob.page.getByRole('button', { name: /^Account: .*ada/ })
    await account.press('Enter')
    await bob.page.keyboard.press('ArrowDown')
    await bob.page.keyboard.press('Escape')
    await account.waitFor()
    await expectAccessible(bob.page, 'owner-sites-of-member')
    // A link in a mail shows the site in the account that has it, whichever was chosen last.
    await bob.page.evaluate("localStorage.removeItem('account')")
    await bob.page.goto(`${host.url}/sites/#/sites/${ada.site.id}?part=copies`)
    await bob.page.reload()
    await bob.page.getByRole('tab', { name: 'Copies', selected: true }).waitFor()
    await bob.page.goto(`${host.url}/sites/#/`)
    await bob.page.getByRole('link', { name: 'Manage site' }).waitFor()
    // The next sign-in begins with his own account, which has no site: he finds the team, and is not sent to create one.
    await bob.page.evaluate("localStorage.removeItem('account')")
    await bob.page.goto(`${host.url}/`)
    await bob.page.getByText('Sites of a team are in its account').waitFor()
    expect(await bob.page.getByRole('link', { name: 'Create a site' }).count()).toBe(1)
    await expectAccessible(bob.page, 'owner-sites-in-other-account')
    await bob.page.getByRole('button', { name: /^Account: bob/ }).press('Enter')
    await bob.page.getByRole('menuitem', { name: /ada/ }).press('Enter')
    await bob.page.getByRole('link', { name: 'Manage site' }).waitFor()
    await bob.page.goto(await invitation('bob@example.com'))
    await bob.page.getByText('or you have accepted it already').waitFor()
    await bob.page.getByRole('main').getByRole('link', { name: 'Your sites' }).click()
    await bob.page.getByRole('link', { name: 'Manage site' }).waitFor()

    await page.reload()
    // The arrow keys alone change nothing, and nobody becomes an owner without a question.
    const role = row(page, 'bob@example.com').getByRole('button', { name: /^Role of bob@example.com: / })
    await role.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    expect(await role.textContent()).toContain('Developer')
    const choose = async (name: string) => {
      await role.press('Enter')
      await page.getByRole('menuitem', { name }).press('Enter')
    }
    await choose('Viewer')
    await page.getByText('bob@example.com is now: Viewer').waitFor()
    await choose('Owner')
    await expectAccessible(page, 'owner-team-role')
    expect(await page.getByText('bob@example.com is now: Owner').count()).toBe(0)
    await page.getByRole('button', { name: 'Make owner' }).click()
    await page.getByText('bob@example.com is now: Owner').waitFor()
    // His page would load itself again as soon as a request is refused, at the same time as this test.
    await bob.page.goto('about:blank')
    await row(page, 'bob@example.com').getByRole('button', { name: 'Remove' }).click()
    const asked = page.getByRole('dialog', { name: 'Remove bob@example.com?' })
    await asked.getByText('Tokens of this person end too').waitFor()
    await expectAccessible(page, 'owner-team-remove')
    await asked.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('The next request of this person is refused.').waitFor()
    await bob.page.goto(`${host.url}/sites/`)
    // Their own account has no site yet.
    await bob.page.waitForURL((url) => url.hash === '#/new')
    await row(page, 'CI of the shop').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('There are no tokens.').waitFor()
  })

  test('invites somebody who signs up by the link of the mail, in another tab', async () => {
    const { bearer: headers } = await signIn(host, 'dora@example.com')
    const body = { email: 'carl@example.com', role: 'viewer' }
    const path = '/v1/team/invitations'
    expect((await call(host, { method: 'POST', path, headers, body })).status).toBe(201)
    const { context, page } = await openPage(browser)
    await page.goto(await invitation(body.email))
    await page.getByLabel('E-mail address').fill(body.email)
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    const other = await context.newPage()
    const mail = await waitFor(async () => (await mailTo(host, body.email)).find(({ code }) => code !== undefined))
    await other.goto(mail.links[0] ?? '')
    await other.getByRole('button', { name: 'Confirm and continue' }).click()
    await other.getByRole('button', { name: 'Accept' }).waitFor()
    // They may as well have come for a site of their own.
    await other.getByRole('link', { name: 'Not now' }).click()
    await other.waitForURL((url) => url.hash === '#/new')
    await context.close()
  })

  test('has a menu of more accounts than fit on a screen', async () => {
    await using opened = await openConsole(host, browser, 'fay@example.com')
    const { page } = opened
    const accounts = Array.from({ length: 25 }, (_, at) => ({
      ...{ id: `acct_${at}`, name: `team-${at}`, role: 'viewer', own: at === 0 },
    }))
    await page.route('**/v1/accounts', (route) => route.fulfill({ json: { accounts } }))
    await page.goto(`${host.url}/sites/`)
    await page.getByRole('button', { name: 'Account: team-0' }).press('Enter')
    await page.keyboard.press('End')
    const place = 'document.activeElement.getBoundingClientRect().bottom <= innerHeight'
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toContain('team-24')
    expect(await page.evaluate(place)).toBe(true)
  })

  test('shows viewers and developers what they may do, and keeps production to owners', async () => {
    await using ada = await openWithSite(host, browser, 'shared')
    const { page, site } = ada
    const act = async (method: string, path: string, body: object, by = ada.person.cookie) => {
      const headers = { cookie: by, origin: host.url, 'content-type': 'application/json' }
      const answer = await fetch(`${host.url}/v1${path}`, { method, headers, body: JSON.stringify(body) })
      expect(answer.ok, `${method} ${path}`).toBe(true)
      return answer.status === 204 ? undefined : answer.json()
    }
    const members = await Promise.all(
      ['viewer', 'developer'].map(async (role) => {
        const email = `${role}@shared.example.com`
        await act('POST', '/team/invitations', { email, role })
        const opened = await openConsole(host, browser, email)
        await opened.page.goto(await invitation(email))
        const ownSites: string[] = []
        opened.page.on('request', (request) => {
          const isList = new URL(request.url()).pathname === '/v1/sites'
          if (isList && !request.headers()['sitewright-account']) ownSites.push(request.url())
        })
        await opened.page.getByRole('button', { name: 'Accept' }).click()
        await opened.page.getByRole('link', { name: 'Manage site' }).click()
        // Their own sites, which are none, would send them to create one.
        expect(ownSites).toEqual([])
        await opened.page.getByRole('heading', { level: 1, name: "shared's shop" }).waitFor()
        return opened
      }),
    )
    const [viewer, developer] = members as [(typeof members)[0], (typeof members)[0]]
    const shownTo = async (one: Page) => ({
      tabs: await one.getByRole('tab').allTextContents(),
      more: await one.getByRole('button', { name: 'More' }).count(),
      links: await one.getByRole('link', { name: /plan/i }).count(),
    })
    expect(await shownTo(viewer.page)).toEqual({
      tabs: ['Overview', 'Domains', 'Copies', 'History'],
      more: 0,
      links: 0,
    })
    const ofDeveloper = { tabs: ['Overview', 'Domains', 'Copies', 'History', 'Settings'], more: 1, links: 0 }
    expect(await shownTo(developer.page)).toEqual(ofDeveloper)
    await expectAccessible(viewer.page, 'owner-site-of-viewer')
    for (const [{ page: one }, buttons] of [
      [viewer, 0],
      [developer, 1],
    ] as const) {
      await one.getByRole('tab', { name: 'Copies' }).click()
      await one.getByRole('heading', { name: 'Copies of your data' }).waitFor()
      await expect.poll(() => one.getByRole('button', { name: 'Make a copy now' }).count()).toBe(buttons)
    }
    for (const { page: one } of members) await one.goto(`${host.url}/sites/#/team`)
    await viewer.page.getByRole('button', { name: 'Leave the account' }).waitFor()
    for (const { page: one } of members) {
      await one.getByRole('button', { name: /Leave the account/ }).waitFor()
      expect(await one.getByRole('button', { name: 'Send invitation' }).count()).toBe(0)
      expect(await one.getByRole('checkbox', { name: /Only owners change/ }).count()).toBe(0)
    }
    await expectAccessible(viewer.page, 'owner-team-of-viewer')
    await viewer.page.getByRole('button', { name: 'Leave the account' }).click()
    await viewer.page.getByRole('dialog').getByText('Your tokens end too').waitFor()
    await viewer.page.getByRole('dialog').press('Escape')

    await page.goto(`${host.url}/sites/#/team`)
    const box = page.getByRole('checkbox', { name: "Only owners change shared's shop" })
    const sent: unknown[] = []
    const isFirstLetThrough = Promise.withResolvers<void>()
    await page.route('**/protection', async (route) => {
      sent.push(route.request().postDataJSON())
      if (sent.length === 1) await isFirstLetThrough.promise
      await route.continue()
    })
    await box.check()
    await box.uncheck()
    // Comes after whatever the presses have sent.
    await page.evaluate(() => fetch('/v1/team/nothing'))
    expect(sent).toEqual([{ ownersOnly: true }])
    isFirstLetThrough.resolve()
    await page.getByText("Developers may change production of shared's shop again.").waitFor()
    expect(sent).toEqual([{ ownersOnly: true }, { ownersOnly: false }])
    await page.unroute('**/protection')
    // Another one, of the second page, before there is an answer about the first.
    const [first] = (await (await page.request.get(`${host.url}/v1/sites`)).json()).sites
    const second = { ...first, id: `site_${'0'.repeat(26)}`, name: 'second' }
    await page.route('**/v1/sites?*', (route) => {
      const isSecond = route.request().url().includes('cursor=')
      return route.fulfill({ json: isSecond ? { sites: [second] } : { sites: [first], cursor: 'next' } })
    })
    const bothPressed = Promise.withResolvers<void>()
    await page.route('**/protection', async (route) => {
      await bothPressed.promise
      if (route.request().url().includes(second.id)) await route.fulfill({ json: { ...second, ownersOnly: true } })
      else await route.continue()
    })
    await page.reload()
    await box.check()
    await page.getByRole('checkbox', { name: 'Only owners change second' }).check()
    expect(await box.isChecked()).toBe(true)
    bothPressed.resolve()
    await page.getByText("Only owners change production of shared's shop now.").waitFor()
    await page.getByText('Only owners change production of second now.').waitFor()
    for (const pattern of ['**/protection', '**/v1/sites?*']) await page.unroute(pattern)
    await expectAccessible(page, 'owner-team-protection')
    await developer.page.goto(`${host.url}/sites/#/sites/${site.id}`)
    await developer.page.reload()
    await developer.page.getByRole('heading', { level: 1, name: "shared's shop" }).waitFor()
    expect(await shownTo(developer.page)).toEqual({ ...ofDeveloper, tabs: ofDeveloper.tabs.slice(0, -1), more: 0 })
    await expectAccessible(developer.page, 'owner-site-kept-from-developer')
  })

  test('has the environments of a site for software of its own', async () => {
    await using opened = await openWithSite(host, browser, 'shop')
    const { page, site } = opened
    const own = { name: site.id.replace('_', '-'), version: 3 }
    const environment = (name: string, endsAt: string | null, more: object = {}) => ({
      ...{
        ...sampleSite,
        trialEndsAt: null,
        blueprint: own,
        // Of no site that there is.
        id: `site_${'0'.repeat(25)}${name.length}`,
        name: 'Shop',
      },
      ...{ environment: { siteId: site.id, name, branch: endsAt && `feature/${name}`, endsAt }, ...more },
    })
    const deletion = { requestedAt: noon(1), purgeAt: noon(8), revocable: true }
    const environments = [
      environment('qa', null),
      environment('old', noon(2), { status: 'suspended', deletion }),
      environment('search', noon(9)),
      environment('stopped', noon(9), { status: 'suspended', suspended: { at: noon(1), because: 'operator' } }),
    ]
    await page.route(`**/v1/sites/${site.id}/environments`, (route) =>
      route.fulfill({ json: { environments, max: 5 } }),
    )
    let production: object = { blueprint: own }
    await page.route(`**/v1/sites/${site.id}`, async (route) => {
      const headers = { ...route.request().headers() }
      delete headers['if-none-match']
      const answer = await route.fetch({ headers })
      await route.fulfill({ status: 200, json: { ...(await answer.json()), ...production } })
    })
    const asked: string[] = []
    await page.route('**/v1/sites/*/environments/**', async (route) => {
      asked.push(`${route.request().method()} ${new URL(route.request().url()).pathname.split('/environments/')[1]}`)
      await route.fulfill({ json: environments[0] })
    })
    await page.goto(`${host.url}/sites/#/sites/${site.id}?part=environments`)
    // The act of the page is none of its rows'.
    const open = row(page, 'qa').getByRole('link', { name: 'Open: qa' })
    expect(await open.getAttribute('class')).toBe('button quiet')
    await row(page, 'search').getByText('feature/search · version 3').waitFor()
    // Those that were deleted come last.
    const named = (await page.locator('tbody bdi').allTextContents()).join(' ')
    expect(named).toBe('qa search stopped old')
    expect(await row(page, 'stopped').getByRole('button', { name: 'Delete' }).count()).toBe(1)
    expect(await row(page, 'stopped').getByRole('button', { name: 'Extend' }).count()).toBe(0)
    await row(page, 'search').getByRole('button', { name: 'Extend' }).click()
    await page.getByText('search is extended.').waitFor()
    await row(page, 'qa').getByRole('button', { name: 'Delete' }).click()
    await row(page, 'old').getByRole('button', { name: 'Restore' }).click()
    await page.getByText('old starts again.').waitFor()
    expect(asked).toEqual(['POST search/extend', 'DELETE qa', 'POST old/restore'])
    await expectAccessible(page, 'owner-environments')
    const search = environments[2]?.id ?? ''
    await page.route(`**/v1/sites/${search}`, (route) => route.fulfill({ json: environments[2] }))
    await page.goto(`${host.url}/sites/#/sites/${search}`)
    await page.getByRole('button', { name: 'Extend: search' }).click()
    await page.getByText('search is extended.').waitFor()
    expect(asked.at(-1)).toBe('POST search/extend')
    const qa = environments[0]?.id ?? ''
    await page.route(`**/v1/sites/${qa}`, (route) => route.fulfill({ json: environments[0] }))
    await page.goto(`${host.url}/sites/#/sites/${qa}?part=plans`)
    await page.getByRole('heading', { name: 'Shop' }).waitFor()
    // The plan, the domains and the links are those of its site.
    await expect
      .poll(() => page.getByRole('tab').allTextContents())
      .toEqual(['Overview', 'Copies', 'History', 'Settings'])

    // One that is down can come back while its site runs.
    const old = environments[1]?.id ?? ''
    let down: object = {}
    await page.route(`**/v1/sites/${old}`, (route) => route.fulfill({ json: { ...environments[1], ...down } }))
    await page.goto(`${host.url}/sites/#/sites/${old}`)
    const keep = page.getByRole('button', { name: 'Cancel deletion' })
    await keep.waitFor()
    production = { blueprint: own, status: 'suspended', suspended: { at: noon(1), because: 'trial-ended' } }
    await page.reload()
    await page.getByText('An environment runs only while its site does.').waitFor()
    expect(await keep.count()).toBe(0)
    // Nobody pays for it: it comes back with its site, or by hand.
    down = { deletion: null, suspended: { at: noon(1), because: 'subscription-ended' } }
    await page.reload()
    await page.getByText('Your site is suspended.').waitFor()
    await page.getByText('An environment runs only while its site does.').waitFor()
    expect(await page.getByRole('link', { name: 'Choose a plan' }).count()).toBe(0)
    production = { blueprint: own }
    await page.reload()
    await page.getByRole('button', { name: 'Resume site' }).waitFor()
    production = { blueprint: own, status: 'suspended', suspended: { at: noon(1), because: 'trial-ended' } }
    await page.reload()
    await page.getByRole('link', { name: 'See its site' }).click()
    await page.getByRole('tab', { name: 'Environments' }).click()
    await row(page, 'old').waitFor()
    expect(await row(page, 'old').getByRole('button', { name: 'Restore' }).count()).toBe(0)
  })
})
