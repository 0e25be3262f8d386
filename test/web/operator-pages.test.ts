import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { call } from '../e2e/call.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { createSite, getSite, type SiteBody, signIn } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { chooseAct, openBrowser, openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

const at = '2026-11-22T10:00:00.000Z'

describe.skipIf(!hasBrowser())('the views and controls of operators in a browser', () => {
  let host: StartedHost
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let site: SiteBody

  beforeAll(async () => {
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '0' })
    ;({ host, browser } = opening)
    const owner = await signIn(host, 'ada@example.com')
    const { id } = (await createSite(host, owner, { slug: 'adas-shop', name: "Ada's Shop" })).json
    site = await waitFor(async () => {
      const found = await getSite(host, owner, id)
      return found.status === 'active' ? found : undefined
    })
    return opening.close
  })
  beforeEach(async () => {
    ;({ context, page } = await openPage(browser))
    return async () => {
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      await context.close()
    }
  })

  const open = async (hash: string, role = 'admin') => {
    const data = { email: `${role}@example.com`, role }
    expect((await page.request.post(`${host.url}/_local/operators/session`, { data })).ok()).toBe(true)
    await page.goto(`${host.url}/operator/${hash}`)
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
  }
  const dialog = () => page.getByRole('dialog')
  /** Presses a button, gives a reason in its dialog, and confirms, by keyboard alone. */
  const actByKeyboard = async (button: string, says: string) => {
    // The name also says on what, where a page has several of them.
    const own = page.getByRole('button', { name: new RegExp(`^${button}(:|$)`) })
    const menu = page.getByRole('button', { name: 'More actions' })
    await own.or(menu).first().waitFor()
    if ((await own.count()) > 0) await own.press('Enter')
    else await chooseAct(page, button)
    await dialog().getByText(says).waitFor()
    await dialog().getByLabel('Reason').focus()
    await page.keyboard.type('a test')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText(`Done: ${button}.`).waitFor()
  }

  test('show a lead, and what sales plan with it', async () => {
    await signIn(host, 'bob@example.com')
    await open('#/leads', 'sales')
    await expect.poll(() => page.getByRole('row', { name: /bob@example\.com/ }).count()).toBe(1)
    await expect.poll(() => page.getByRole('row', { name: /ada@example\.com/ }).count()).toBe(1)
    await expectAccessible(page, 'operator-leads')
    const saved = async (button: string) => {
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: button, exact: true }).click()
      return readFile(await (await download).path(), 'utf8')
    }
    await page.route('**/leads/export?*', (route) => route.continue({ url: `${route.request().url()}&limit=1` }))
    await page.evaluate('URL.revokeObjectURL = () => { window.isGone = true }')
    const [columns, ...rows] = (await saved('Export as CSV')).trimEnd().split('\r\n')
    // Safari would save nothing.
    expect(await page.evaluate('window.isGone')).toBeUndefined()
    expect(columns).toMatch(/^\u{feff}accountId,/u)
    expect(rows.map((row) => row.split(',')[1]).toSorted()).toEqual(['ada@example.com', 'bob@example.com'])
    expect(await saved('Export only those with consent to marketing')).not.toContain('ada@')
    await page.getByRole('link', { name: /ada@example\.com/ }).click()
    await page.getByRole('heading', { name: 'What you plan' }).waitFor()
    await page.getByLabel('New note').fill('Likes the courses.')
    await page.getByLabel('Outcome').selectOption('later')
    await page.getByLabel('Next step').fill('Call')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Choose a day, or clear the next step.').waitFor()
    await page.getByLabel('On', { exact: true }).fill('2026-03-02')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Likes the courses.').waitFor()
    expect(await page.getByLabel('Next step').inputValue()).toBe('Call')
    expect(await page.getByLabel('Outcome').inputValue()).toBe('later')
    await expectAccessible(page, 'operator-lead')
    // Somebody else saves: what is typed stays, and is not saved over it.
    await page.getByLabel('New note').fill('Wants a demo.')
    const lead = `${host.url}/v1/operator/leads/${page.url().split('/').at(-1)}`
    const { revision } = await (await page.request.get(lead)).json()
    const theirs = { headers: { origin: host.url }, data: { revision, outcome: 'won' } }
    expect((await page.request.patch(lead, theirs)).ok()).toBe(true)
    const read = page.waitForResponse(lead)
    await page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    await read
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Somebody else has changed this').waitFor()
    expect(await page.getByLabel('New note').inputValue()).toBe('Wants a demo.')
    await page.getByRole('button', { name: 'Show the present state' }).click()
    await expect.poll(() => page.getByLabel('Outcome').inputValue()).toBe('won')
    expect(await page.getByText('Somebody else has changed this').count()).toBe(0)
    for (const place of ['leads', 'reports']) {
      await open(`#/${place}`, 'support')
      await page.reload()
      await page.getByRole('heading', { name: 'You may not see this' }).waitFor()
      expect(await page.getByText('Export').count()).toBe(0)
    }
  })

  test('pull and release the brake and pause new trials, with a reason and by keyboard', async () => {
    await open('#/')
    await page.getByRole('button', { name: 'Pull the brake' }).click()
    await dialog().getByRole('button', { name: 'Pull the brake' }).click()
    await dialog().getByText('Give a reason.').waitFor()
    await expectAccessible(page, 'operator-brake-pull')
    await dialog().getByLabel('Reason').fill('half a reason')
    await page.mouse.click(5, 5)
    expect(await dialog().getByLabel('Reason').inputValue()).toBe('half a reason')
    // The click takes the focus away until the dialog takes it back.
    await dialog().press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await actByKeyboard('Pull the brake', 'Deadlines end no site')
    await page.getByText('Pulled since').waitFor()
    await expectAccessible(page, 'operator-brake-on')
    await actByKeyboard('Release the brake', 'Sites due')
    await page.getByRole('button', { name: 'Pull the brake' }).waitFor()
    await actByKeyboard('Pause new trials', 'New requests go to the waiting list')
    await page.getByText('Paused. New requests').waitFor()
    await actByKeyboard('Resume new trials', 'New trials start again')
    await page.getByRole('button', { name: 'Pause new trials' }).waitFor()
  })

  test('change a plan to one by agreement, and show the output of a site', async () => {
    await open(`#/sites/${site.id}?part=logs`, 'sales')
    await page.getByRole('heading', { name: "Ada's Shop" }).waitFor()
    expect(await page.getByRole('tab', { name: 'Logs' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Change plan' }).click()
    await dialog().getByText('trial → starter').waitFor()
    await dialog().getByLabel('New plan').selectOption({ label: 'Enterprise' })
    await dialog().getByText('trial → enterprise').waitFor()
    await expectAccessible(page, 'operator-plan')
    await dialog().getByLabel('Reason').fill('a contract')
    await dialog().getByRole('button', { name: 'Change plan' }).click()
    await page.getByText('Done: Change plan.').waitFor()
    await open(`#/sites/${site.id}`)
    await page.reload()
    await page.getByText('Enterprise', { exact: true }).waitFor()
    await page.getByRole('tab', { name: 'Logs' }).click()
    await page
      .getByRole('heading', { name: /^Container / })
      .first()
      .waitFor()
    await expectAccessible(page, 'operator-logs')
    expect(new URL(page.url()).hash).toBe(`#/sites/${site.id}?part=logs`)
  })

  test('follow what a site writes, without reading it twice', async () => {
    const asked: (string | null)[] = []
    const failed = '{"level":"error","message":"it failed","error":"EPIPE"}'
    await page.route('**/logs*', (route) => {
      const after = new URL(route.request().url()).searchParams.get('after')
      asked.push(after)
      const [lines, cursor] = after === null ? [['first'], 'one'] : [after === 'one' ? ['second', failed] : [], 'two']
      return route.fulfill({ json: { containers: [{ container: 'main', lines }], cursor } })
    })
    await open(`#/sites/${site.id}?part=logs`)
    await page.getByText('first\nsecond').waitFor()
    expect(asked.slice(0, 2)).toEqual([null, 'one'])
    await page.getByText('ERROR it failed error=EPIPE').waitFor()
    await expectAccessible(page, 'operator-log-lines')
    await page.getByLabel('Level').selectOption('Errors')
    await page.getByText('first').waitFor({ state: 'detached' })
    await page.getByText('ERROR it failed error=EPIPE').waitFor()
  })

  test('start, pause, resume and abort a roll-out', async () => {
    const rollout = {
      ...{ blueprint: 'welcome', version: 1, state: 'running', because: null, security: false, wave: 2 },
      ...{ waves: [{ sites: 1 }, { percent: 5 }], failureBudget: 1, reason: 'a fix', startedAt: at, endedAt: null },
      ...{ startedBy: { kind: 'system' }, sites: 40, done: 3, skipped: 1, inProgress: [site.id], bakingUntil: at },
      ...{ assigned: 4, failed: [{ siteId: site.id, because: 'LaunchFailed', cause: 'open' }] },
    }
    let state = 'none'
    const posted: unknown[] = []
    await page.route('**/v1/operator/rollouts', (route) => {
      if (route.request().method() === 'POST') {
        posted.push(route.request().postDataJSON())
        state = 'running'
        return route.fulfill({ status: 202, json: { ...rollout, state } })
      }
      return route.fulfill({ json: { rollouts: state === 'none' ? [] : [{ ...rollout, state }], cells: [] } })
    })
    const states = { pause: 'paused', resume: 'running', abort: 'aborted', retry: 'running' }
    await page.route('**/v1/operator/rollouts/welcome/*', (route) => {
      const act = new URL(route.request().url()).pathname.split('/').at(-1) as keyof typeof states
      posted.push({ act, ...route.request().postDataJSON() })
      state = states[act]
      return route.fulfill({ json: { ...rollout, state } })
    })
    await open('#/')
    await page.getByRole('link', { name: 'Roll-outs' }).click()
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor()
    await page.getByRole('button', { name: 'Start roll-out' }).click()
    const [blueprint, version] = (await dialog().getByLabel('Blueprint and version').inputValue()).split(' ')
    await dialog().getByLabel('It closes a security hole').check()
    await dialog().getByLabel('may not be able to use the data').check()
    await expectAccessible(page, 'operator-rollout-start')
    await dialog().getByLabel('Reason').fill('a fix')
    await dialog().getByRole('button', { name: 'Start roll-out' }).click()
    await page.getByText('3 of 40').waitFor()
    await page.getByText('At their next wake').waitFor()
    await page.getByText('Failed: 1').click()
    await page.getByRole('table', { name: 'Failed' }).getByText('Strangers could set it up').waitFor()
    await expectAccessible(page, 'operator-rollouts')
    await actByKeyboard('Pause roll-out', 'No other site is upgraded')
    await page.getByText('Paused', { exact: true }).waitFor()
    await actByKeyboard('Resume roll-out', 'It continues with wave 2.')
    await page.getByText('Running', { exact: true }).waitFor()
    await actByKeyboard('Retry failed sites', 'upgraded again: 1')
    await actByKeyboard('Abort roll-out', 'keep it: 3')
    await page.getByText('Aborted', { exact: true }).waitFor()
    const [start, ...acts] = posted
    expect(start).toEqual({
      ...{ blueprint, version: Number(version), reason: 'a fix' },
      ...{ security: true, acceptIncompatibleData: true },
    })
    expect(acts).toEqual(['pause', 'resume', 'retry', 'abort'].map((act) => ({ act, reason: 'a test' })))
  })

  test('show the upgrade from which a site went back, and the version that is due', async () => {
    const failedUpgrade = { to: 3, because: 'LaunchFailed', at, atWake: true }
    let cause = 'open'
    await page.route(`**/v1/operator/sites/${site.id}`, async (route) => {
      const json = await (await route.fetch()).json()
      await route.fulfill({ json: { ...json, upgradeDue: { to: 4 }, failedUpgrade: { ...failedUpgrade, cause } } })
    })
    await open(`#/sites/${site.id}`)
    await page.getByText(/^Version 3, .*: Strangers could set it up$/).waitFor()
    await page.getByText('welcome, version 4').waitFor()
    cause = 'unknown'
    await page.reload()
    await page.getByText(/^Version 3, .*: LaunchFailed$/).waitFor()
  })

  test('do not say that nobody visited a site before its last visit is counted', async () => {
    const lastUsedAt = new Date().toISOString()
    const from = new Date(Date.parse(lastUsedAt) - 30 * 86_400_000).toISOString()
    const uncounted = { by: 'day', from, until: lastUsedAt, awakeHours: 1, periods: [], lastUsedAt }
    const storage = { usedBytes: 1, maxBytes: 268_435_456 }
    await page.route(`**/v1/operator/sites/${site.id}/usage`, (route) =>
      route.fulfill({ json: { ...uncounted, storage } }),
    )
    await open(`#/sites/${site.id}`)
    const requests = page.locator('.panel').filter({ hasText: 'Requests in 30 days' })
    await requests.getByText('The last visit is not counted yet.').waitFor()
    expect(await requests.locator('.figure').count()).toBe(0)
    await page.getByText('Server errors in 30 days–').waitFor()
  })

  test('show since when a site is dormant', async () => {
    await page.route(`**/v1/operator/sites/${site.id}`, async (route) => {
      const json = await (await route.fetch()).json()
      await route.fulfill({ json: { ...json, dormantSince: '2026-01-31T08:00:00.000Z' } })
    })
    await open(`#/sites/${site.id}`)
    await page.getByText('Dormant since').waitFor()
    await page.unroute(`**/v1/operator/sites/${site.id}`)
    await page.reload()
    await page.getByText('Verified copies').waitFor()
    expect(await page.getByText('Dormant since').count()).toBe(0)
  })

  test('show a real roll-out of the host', async () => {
    await open('#/rollouts')
    await page.getByRole('button', { name: 'Start roll-out' }).click()
    await dialog().getByLabel('Reason').fill('a fix')
    await dialog().getByRole('button', { name: 'Start roll-out' }).click()
    await page.getByText('Done: Start roll-out.').waitFor()
    await page.getByRole('heading', { name: /, version \d/ }).waitFor()
    await page.getByText('a fix').waitFor()
  })

  test('show cells, blueprints and settings', async () => {
    await page.route('**/v1/operator/cells', async (route) => {
      const answer = await (await route.fetch()).json()
      const quotas = [{ kind: 'targets', cell: null, used: 120, limit: 1000 }]
      const away = { ...answer.cells[0], name: 'away', placement: 'named', isMounted: false }
      await route.fulfill({ json: { cells: [...answer.cells, away], quotas } })
    })
    await page.route('**/v1/operator/blueprints', async (route) => {
      const { blueprints } = await (await route.fetch()).json()
      const failure = { siteId: site.id, at, cause: 'crash', detail: 'It ended 3 times.' }
      const draft = { version: 2, capabilities: [], state: 'failed', submittedAt: at, failures: 3, failure }
      const unavailable = {
        version: 2,
        cause: 'gone',
        detail: 'There is no such image.',
        since: at,
        failures: 4,
        retryAt: at,
      }
      const versions = [1, 2].map((version) => ({ version, heldBack: false, unavailable: version === 2 }))
      await route.fulfill({
        json: {
          blueprints: [
            ...blueprints,
            { ...blueprints[0], name: 'acme', isOffered: false, extends: { name: 'wiki', version: 1, newest: 2 } },
            { ...blueprints[0], name: 'wiki', versions, draft, unavailable },
          ],
        },
      })
    })
    await page.route('**/v1/operator/blueprints/wiki/versions/*', (route) => {
      const version = Number(route.request().url().at(-1))
      return route.fulfill({ json: { name: 'wiki', version, containers: [{ image: version === 1 ? 'a' : 'b' }] } })
    })
    await open('#/cells')
    await page.getByText('local', { exact: true }).waitFor()
    expect(await page.title()).toMatch(/^Cells · /)
    await expectAccessible(page, 'operator-cells')
    await page.getByRole('link', { name: 'Blueprints' }).click()
    await page.getByText('Version 2 cannot be built').first().waitFor()
    await page.getByText('acme: extends wiki 1; wiki is at 2').waitFor()
    await page.getByText('Not on offer, so it has no pool').waitFor()
    await page.getByText('Compare two versions').last().click()
    await page.getByLabel('Before').last().selectOption('Version 1')
    await page.getByRole('row', { name: 'containers.1.image a b' }).waitFor()
    await expectAccessible(page, 'operator-blueprints')
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByText('Address of the console').waitFor()
    await expectAccessible(page, 'operator-settings')
  })

  test('publish a file, and say what is wrong with it', async () => {
    await using directory = await temporaryDirectory()
    const file = join(directory.path, 'welcome.yaml')
    const field = dialog().getByLabel(/^Blueprint/)
    const press = () => dialog().getByRole('button', { name: 'Publish a file' }).click()
    const publish = async (content: string) => {
      await writeFile(file, content)
      await field.setInputFiles(file)
      await dialog().getByLabel('Reason').fill('a test')
      await press()
    }
    await open('#/blueprints')
    await page.getByRole('button', { name: 'Publish a file' }).click()
    await publish('name: welcome\nversion: none')
    await dialog().getByText('blueprint.version: ').waitFor()
    await expectAccessible(page, 'operator-publish')
    // Browsers do not read a file that was changed since it was chosen.
    await writeFile(file, 'name: welcome')
    await press()
    await dialog().getByText('The file has changed. Choose it again.').waitFor()
    expect(await field.inputValue()).toBe('')
    expect(await page.evaluate('document.activeElement.name')).toBe('file')
    await publish('name: acme\nversion: 1\nextends:\n  name: nothing\n  version: 1\n')
    await dialog().getByText('This blueprint cannot be published.').waitFor()
    const posted = page.waitForRequest((request) => request.method() === 'POST')
    await page.route('**/v1/operator/blueprints', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 202, json: { name: 'acme', version: 1, state: 'draft' } })
        : route.continue(),
    )
    const extension = { name: 'acme', version: 1, extends: { name: 'welcome', version: 1 } }
    await publish('name: acme\nversion: 1\nextends:\n  name: welcome\n  version: 1\n')
    expect((await posted).postDataJSON()).toEqual({ extension, reason: 'a test' })
    await page.getByText('Done: Publish a file.').waitFor()
  })

  test('show and start a billing reconciliation', async () => {
    const none = { count: 0, first: [] }
    const report = {
      ...{ beganAt: at, endedAt: at, subscriptions: 12, repaired: none, withoutSite: { count: 1, first: ['sub_1'] } },
      ...{ withoutSubscription: none, byArrangement: none, disputed: none, unreturned: none, left: none },
      unusual: { count: 1, first: [{ siteId: site.id, subscriptionId: 'sub_2', term: 'paused' }] },
      refused: { count: 60, first: [{ siteId: site.id, act: 'refund', code: 'charge_disputed', requestId: 'req_1' }] },
      revenue: [{ currency: 'EUR', amount: 190_000, subscriptions: 12 }],
    }
    await page.route('**/v1/operator/billing', async (route) => {
      const answer = await (await route.fetch()).json()
      await route.fulfill({ json: { ...answer, attempt: null, report } })
    })
    await open('#/billing')
    await page.getByText('€1,900').waitFor()
    await actByKeyboard('Reconcile now', 'It compares all subscriptions')
    await page.getByText('a person has to settle it: 60').click()
    await page.getByText('charge_disputed').waitFor()
    await page.getByText('an invoice that was written off or without tax: 1').click()
    await page.getByText('sub_2 paused').waitFor()
    await expectAccessible(page, 'operator-reconciliation')
  })

  test('filter, page and export the audit log, and the address holds the filter', async () => {
    await open('#/audit')
    for (const part of ['', '/timeline']) await page.request.get(`${host.url}/v1/operator/sites/${site.id}${part}`)
    await page.getByRole('table', { name: 'Audit log' }).waitFor()
    await expectAccessible(page, 'operator-audit')
    // What was only read, and who signed in, is not shown at first.
    const rows = page.getByRole('table', { name: 'Audit log' })
    await rows.getByText('Reconciled billing').first().waitFor()
    expect(await rows.getByText(/^(Viewed a site|Signed in)$/).count()).toBe(0)
    await page.getByLabel('Action').selectOption('Everything, also reads and sign-ins')
    await rows.getByText('Viewed a site').first().waitFor()
    await rows.getByText('Signed in').first().waitFor()
    await rows.locator(`a[title="${site.id}"]`).first().click()
    // A year that is being typed shows nothing else yet.
    for (const day of ['0002-01-01', '2020-01-01']) await page.getByLabel('From').fill(day)
    expect(page.url()).not.toContain('from=')
    await page.getByLabel('From').press('Enter')
    await page.waitForURL((url) => url.hash === `#/audit?action=all&target=${site.id}&from=2020-01-01`)
    await page.getByText('Viewed a site').first().waitFor()
    await page.reload()
    await page.getByText('Viewed a site').first().waitFor()
    await rows
      .getByRole('link', { name: `Only entries of: ${site.name}` })
      .first()
      .waitFor()
    await rows.getByText('admin@example.com').first().waitFor()
    await page.getByLabel('Who').selectOption('admin@example.com')
    await page.waitForURL((url) => url.hash.includes('who=op_'))
    await page.getByText('Viewed a site').first().waitFor()
    await page.getByRole('group', { name: 'About' }).getByRole('link').waitFor()
    // The file has every page.
    await page.route('**/audit/export?*', (route) => route.continue({ url: `${route.request().url()}&limit=1` }))
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    expect((await download).suggestedFilename()).toBe('audit.jsonl')
    const lines = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) expect(JSON.parse(line).targets).toContain(site.id)
    await page.getByLabel('Until').fill('2020-01-02')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor()
    await expectAccessible(page, 'operator-audit-empty')
    // More than a page of 50: the first page has the next one, which has a way back.
    await page.route('**/v1/operator/audit?*', async (route) => {
      const answer = await (await route.fetch()).json()
      const isFirst = !route.request().url().includes('cursor=')
      await route.fulfill({ json: { ...answer, cursor: undefined, ...(isFirst ? { cursor: 'next' } : {}) } })
    })
    await page.goto(`${host.url}/operator/#/audit`)
    await page.reload()
    await page.getByRole('link', { name: 'Next page' }).waitFor()
  })

  test('begin at their top, and the way back leads to where somebody was', async () => {
    await page.route('**/v1/operator/sites?*', async (route) => {
      const answer = await (await route.fetch()).json()
      const [one] = answer.sites
      const sites = Array.from({ length: 50 }, (_, at) => ({
        ...one,
        id: at === 49 ? one.id : `${one.id.slice(0, -2)}${10 + at}`,
        name: `Site ${at}`,
      }))
      await route.fulfill({ json: { ...answer, sites } })
    })
    await page.setViewportSize({ width: 1280, height: 500 })
    await open('#/settings')
    await page.getByRole('heading', { name: 'Plan: Growth' }).waitFor()
    await page.evaluate("location.hash = '#/sites'")
    const scrolled = () => page.evaluate('scrollY')
    await page.getByRole('link', { name: 'Site 49' }).scrollIntoViewIfNeeded()
    const place = await scrolled()
    expect(place).toBeGreaterThan(1000)
    await page.getByRole('link', { name: 'Site 49' }).click()
    await page.getByRole('tab').first().waitFor()
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1')
    await page.goBack()
    await expect.poll(scrolled).toBe(place)
    // Now it is there at once.
    await page.getByRole('link', { name: 'Site 49' }).click()
    await page.getByRole('tab').first().waitFor()
    expect(await scrolled()).toBe(0)
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor()
    expect(await scrolled()).toBe(0)
  })

  test('end other sessions one by one and all at once', async () => {
    await open('#/sessions')
    await page.getByText('This browser').waitFor()
    for (let others = 0; others < 3; others += 1) {
      const other = await browser.newContext()
      const data = { email: 'admin@example.com', role: 'admin' }
      await other.request.post(`${host.url}/_local/operators/session`, { data })
      await other.close()
    }
    await page.reload()
    const ends = page.getByRole('button', { name: 'Sign out: ' })
    await ends.nth(3).waitFor()
    const before = await ends.count()
    await expectAccessible(page, 'operator-sessions')
    await page.getByRole('row').filter({ hasNotText: 'This browser' }).getByRole('button').first().click()
    await waitFor(async () => ((await ends.count()) === before - 1 ? true : undefined))
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await waitFor(async () => ((await ends.count()) === 1 ? true : undefined))
    await page.getByText('This browser').waitFor()
    await ends.click()
    await page.getByRole('heading', { name: 'Sign in as an operator' }).waitFor()
  })

  test('retry a failure from the overview', async () => {
    const failure = {
      ...{ id: 'fail_1', at, siteId: site.id, hostname: 'adas-shop.localhost', status: 'asleep', during: 'wake' },
      ...{ cause: 'crash', detail: 'It ended 3 times.', blueprint: { name: 'welcome', version: 1 }, evidence: '' },
    }
    await page.route('**/v1/operator/overview', async (route) => {
      const overview = await (await route.fetch()).json()
      overview.failures = [
        { ...failure, retry: { method: 'POST', path: `/v1/operator/sites/${site.id}/retry` } },
        { ...failure, id: 'fail_2', retry: { method: 'POST', path: '/v1/operator/rollouts/welcome/retry' } },
      ]
      await route.fulfill({ json: overview })
    })
    const retried = page.waitForRequest((request) => request.url().endsWith(`/sites/${site.id}/retry`))
    await open('#/')
    await page.getByRole('row', { name: 'adas-shop.localhost' }).getByRole('button', { name: 'Retry' }).click()
    await expectAccessible(page, 'operator-retry')
    await dialog().getByLabel('Reason').fill('a test')
    await dialog().getByRole('button', { name: 'Retry' }).click()
    expect((await retried).postDataJSON()).toEqual({ reason: 'a test' })
    // The site runs, so the API refuses, and the form stays.
    await dialog().getByText('This is not possible in the present state.').waitFor()
    expect(await dialog().getByLabel('Reason').inputValue()).toBe('a test')
    await dialog().press('Escape')
    // A new attempt may be another site, whose view says what was done.
    await page.route(`**/sites/${site.id}/retry`, (route) => route.fulfill({ json: { id: 'site_next' } }))
    await page.getByRole('row', { name: 'adas-shop.localhost' }).getByRole('button', { name: 'Retry' }).click()
    await dialog().getByLabel('Reason').fill('a test')
    await dialog().getByRole('button', { name: 'Retry' }).click()
    await page.waitForURL((url) => url.hash === '#/sites/site_next')
    await page.getByText('Done: Retry.').waitFor()
    await open('#/')
    await page.getByRole('table', { name: 'Recent failures' }).getByRole('link', { name: 'Roll-outs' }).waitFor()
  })

  test.each([
    ['forbidden', 403, 'You may not see this'],
    ['failed', 500, 'This could not be loaded'],
    ['gone', 404, 'This does not exist any more'],
  ])('say that a view is %s', async (kind, status, words) => {
    await page.route('**/v1/operator/{cells,billing,rollouts}', (route) =>
      route.fulfill({ status, json: { type: `urn:sitewright:problem:${kind}`, title: 'x', status } }),
    )
    for (const place of ['cells', 'billing', 'rollouts']) {
      await open(`#/${place}`)
      await page.getByRole('heading', { name: words }).waitFor()
    }
    await expectAccessible(page, `operator-${kind}`)
  })

  test('say that a view is slow, and then that it is out of date', async () => {
    await page.clock.install()
    let isAway = false
    const waiting: (() => void)[] = []
    await page.route('**/v1/operator/rollouts', async (route) => {
      if (isAway) return route.abort()
      await new Promise<void>((resolve) => waiting.push(resolve))
      return route.fulfill({ json: { rollouts: [], cells: [] } })
    })
    await open('#/rollouts')
    await page.getByText('Loading', { exact: true }).waitFor()
    await page.clock.runFor(5000)
    await page.getByText('This takes longer than usual.').waitFor()
    await expectAccessible(page, 'operator-slow')
    for (const answer of waiting) answer()
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor()
    isAway = true
    await page.clock.runFor(30_000)
    await page.getByText('This may be out of date').waitFor()
    await expectAccessible(page, 'operator-stale')
  })

  test('offer a role only what it may do', async () => {
    const failure = {
      ...{ id: 'fail_1', at, siteId: site.id, hostname: 'adas-shop.localhost', status: 'asleep', during: 'wake' },
      ...{ cause: 'crash', detail: null, retry: { method: 'POST', path: '/v1/operator/rollouts/welcome/retry' } },
    }
    await page.route('**/v1/operator/overview', async (route) => {
      const overview = await (await route.fetch()).json()
      const pools = [{ ...overview.pools[0], blueprint: 'welcome', ready: 0, target: 2 }]
      await route.fulfill({ json: { ...overview, pools, failures: [failure] } })
    })
    await open('#/', 'sales')
    await page.getByRole('heading', { name: 'Brake' }).waitFor()
    await page.getByText('The pool of welcome is empty.').waitFor()
    const led = await page.getByRole('main').getByRole('link').all()
    const targets = await Promise.all(led.map((link) => link.getAttribute('href')))
    expect(targets.filter((href) => /#.(blueprints|rollouts)/.test(href ?? ''))).toEqual([])
    await page.getByRole('link', { name: 'adas-shop.localhost', exact: true }).click()
    await page.getByRole('tab', { name: 'Overview', selected: true }).waitFor()
    await page.getByRole('tabpanel', { name: 'Overview' }).waitFor()
    expect(await page.title()).toContain(' · Overview · ')
    const places = await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allTextContents()
    expect(places).toEqual(['Overview', 'Sites', 'Leads', 'Reports', 'Billing', 'Cells', 'Webhooks'])
    expect(await page.getByRole('button', { name: /brake|new trials/ }).count()).toBe(0)
    await page.goto(`${host.url}/operator/#/audit`)
    await page.getByRole('heading', { name: 'You may not see this' }).waitFor()
    const refused = await call(host, { path: '/v1/operator/audit' })
    expect(refused.status).toBe(401)
  })

  test('speak German', async () => {
    await context.addCookies([{ name: 'language', value: 'de', url: host.url }])
    const data = { email: 'admin@example.com', role: 'admin' }
    await page.request.post(`${host.url}/_local/operators/session`, { data })
    await page.goto(`${host.url}/operator/#/`)
    await page.getByRole('button', { name: 'Bremse ziehen' }).waitFor()
    for (const place of [
      'Rollouts',
      'Blueprints',
      'Zellen',
      'Abrechnung',
      'Audit-Log',
      'Einstellungen',
      'Ihre Sitzungen',
    ]) {
      await page.getByRole('link', { name: place }).click()
      await page.getByRole('heading', { name: place, level: 1 }).waitFor()
    }
  })
})
