import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { createSite, getSite, signIn } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openBrowser, openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

vi.setConfig({ testTimeout: 600_000 })

const directory = fileURLToPath(new URL('../e2e', import.meta.url))

const blueprint = {
  name: 'welcome',
  version: 1,
  title: 'For a test',
  access: 'public',
  variables: {
    THEME: { description: 'The colours.', default: 'light', values: ['light', 'dark'] },
    LOGO: {},
    API_KEY: { secret: true, description: 'Of another system.' },
  },
  containers: [
    {
      name: 'web',
      image: 'sitewright/none:1',
      process: { command: ['node', 'configured-product.mjs'], directory },
      variables: ['THEME', 'LOGO'],
      secrets: ['API_KEY'],
      files: { 'shop.conf': '${variable.LOGO}' },
    },
  ],
  traffic: { container: 'web', healthPath: '/' },
  data: { mode: 'exclusive' },
}

describe.skipIf(!hasBrowser())('the configuration of a site in a browser', () => {
  let host: StartedHost
  let browser: Browser
  let page: Page
  let id: string
  let isIdle: () => Promise<unknown>

  beforeAll(async () => {
    const blueprints = await temporaryDirectory()
    await writeFile(join(blueprints.path, 'welcome.json'), JSON.stringify(blueprint))
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path })
    ;({ host, browser } = opening)
    const ada = await signIn(host, 'ada@example.com')
    id = (await createSite(host, ada, { slug: 'shop' })).json.id
    isIdle = () =>
      waitFor(async () => {
        const { status, operation } = await getSite(host, ada, id)
        return status === 'active' && operation === null ? true : undefined
      })
    await isIdle()
    return async () => {
      await opening.close()
      await blueprints[Symbol.asyncDispose]()
    }
  })
  beforeEach(async () => {
    const opened = await openPage(browser)
    ;({ page } = opened)
    return () => opened.context.close()
  })

  const open = async (role: string) => {
    const data = { email: `${role}@example.com`, role }
    expect((await page.request.post(`${host.url}/_local/operators/session`, { data })).ok()).toBe(true)
    await page.goto(`${host.url}/operator/#/sites/${id}?part=configuration`)
  }
  const dialog = () => page.getByRole('dialog')
  const confirm = async (button: string) => {
    await dialog().getByLabel('Reason').fill('a test')
    await dialog().getByRole('button', { name: button }).click()
  }

  test('is shown, changed and applied by an administrator, also on a phone', async () => {
    await open('admin')
    await page.getByRole('row', { name: 'THEME' }).getByText('Default: light').waitFor()
    await page.getByRole('row', { name: 'API_KEY' }).getByText('Generated').waitFor()
    await page.getByRole('button', { name: 'Change values' }).click()
    await dialog().getByLabel('THEME').selectOption('dark')
    await dialog().getByLabel('New value of API_KEY').fill('short')
    await expectAccessible(page, 'operator-configuration-change')
    await confirm('Change values')
    await dialog().getByText('This value is not possible.').waitFor()
    await dialog().getByLabel('New value of API_KEY').fill('a secret of the customer')
    await confirm('Change values')
    await page.getByText('Done: Change values.').waitFor()
    await isIdle()
    await page.getByRole('row', { name: 'THEME' }).getByText('dark').waitFor()
    await page
      .getByRole('row', { name: 'API_KEY' })
      .getByText(/^Set on/)
      .waitFor()
    await page.getByText('in use').waitFor()
    await expectAccessible(page, 'operator-configuration')
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await page.getByRole('button', { name: 'Apply defaults' }).click()
    await confirm('Apply defaults')
    await page.getByText('Done: Apply defaults.').waitFor()
    await isIdle()
    await page.getByRole('row', { name: 'API_KEY' }).getByText('Generated').waitFor()
    await page.getByRole('button', { name: 'Apply: 1' }).click()
    await confirm('Apply')
    await isIdle()
    await page.getByText('in use').waitFor()
    expect(await page.content()).not.toContain('a secret of the customer')
  })

  test('is not shown to others', async () => {
    await open('sales')
    await page.getByRole('tab', { name: 'Overview' }).waitFor()
    expect(await page.getByRole('tab', { name: 'Configuration' }).count()).toBe(0)
  })
})
