import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { signIn } from '../e2e/visitor.ts'
import { hasBrowser } from '../support/browser.ts'
import type { StartedHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { chooseAct, openBrowser, openPage } from './open-pages.ts'
import { expectAccessible } from './watch-page.ts'

vi.setConfig({ testTimeout: 600_000 })

describe.skipIf(!hasBrowser())('webhooks in a browser', () => {
  let host: StartedHost
  let browser: Browser
  let page: Page
  let url: string
  let status = 500
  const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = []

  beforeAll(async () => {
    const receiver = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      received.push({ headers: request.headers, body })
      response.writeHead(status).end()
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const { port } = receiver.address() as AddressInfo
    url = `http://127.0.0.1:${port}/in`
    const opening = await openBrowser({ SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_WEBHOOK_HOSTS: `127.0.0.1:${port}` })
    ;({ host, browser } = opening)
    return async () => {
      await opening.close()
      receiver.close()
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
    await page.goto(`${host.url}/operator/#/webhooks`)
    await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
  }
  const dialog = () => page.getByRole('dialog')
  const confirm = async (button: string) => {
    await dialog().getByLabel('Reason').fill('a test')
    await dialog().getByRole('button', { name: button }).click()
    await page.getByText(`Done: ${button}.`).first().waitFor()
  }

  test('are explained where there are none', async () => {
    await open('admin')
    await page.getByText('Other systems, such as a CRM, get signed messages').waitFor()
  })

  test('can be added once their types are known', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    await page.route('**/v1/operator/webhooks', async (route) => {
      await answered
      await route.continue()
    })
    await open('admin')
    const add = page.getByRole('button', { name: 'Add endpoint' })
    expect(await add.count()).toBe(0)
    answer()
    await add.click()
    await dialog().getByText('Types', { exact: true }).click()
    await dialog().getByLabel('account.created').check()
  })

  test('are added, sent, shown, sent again, rotated and deleted', async () => {
    await open('admin')
    await page.getByRole('button', { name: 'Add endpoint' }).click()
    await dialog().getByLabel('Address').fill(url)
    await dialog().getByLabel('Name').fill('CRM')
    await dialog().getByText('Types', { exact: true }).click()
    await dialog().getByLabel('account.created').check()
    await expectAccessible(page, 'operator-webhook-create')
    await dialog().getByLabel('Address').fill('ftp://example.com')
    await dialog().getByLabel('Reason').fill('a test')
    await dialog().getByRole('button', { name: 'Add endpoint' }).click()
    await dialog().getByText('Type the https address of a public host.').waitFor()
    await dialog().getByLabel('Address').fill(url)
    await confirm('Add endpoint')
    const secret = await page.getByText(/^whsec_/).innerText()
    expect(await page.getByText('only with consent to marketing').count()).toBe(0)

    await signIn(host, 'ada@example.com')
    await waitFor(async () => (received.length === 1 ? true : undefined))
    const { headers, body } = received[0] ?? { headers: {}, body: '' }
    const event = new Webhook(secret).verify(body, headers as Record<string, string>)
    expect(event).toMatchObject({ type: 'account.created', data: { account: { email: 'ada@example.com' } } })

    await page.getByRole('button', { name: 'Attempts' }).click()
    const row = page.getByRole('row', { name: 'account.created' })
    await row.getByText('500').waitFor()
    await expectAccessible(page, 'operator-webhooks')
    await row.getByRole('button', { name: /^Send again: account.created, .*:/ }).click()
    await confirm('Send again')

    await page.getByRole('button', { name: 'Rotate secret' }).click()
    await confirm('Rotate secret')
    await waitFor(async () => ((await page.getByText(/^whsec_/).innerText()) === secret ? undefined : true))
    await page.getByRole('button', { name: 'Disable endpoint' }).click()
    await confirm('Disable endpoint')
    // Its notice says so too.
    await page.getByText('Disabled', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Enable endpoint' }).click()
    await confirm('Enable endpoint')
    await chooseAct(page, 'Delete endpoint')
    await dialog().getByLabel('Reason').fill('a test')
    await dialog().getByRole('button', { name: 'Delete endpoint' }).click()
    // With its notice, the endpoint goes away.
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor()

    await page.getByRole('button', { name: 'Add endpoint' }).click()
    await dialog().getByLabel('Address').fill(url)
    await dialog().getByLabel('Name').fill('Mailings')
    await dialog().getByLabel('For marketing').check()
    await confirm('Add endpoint')
    await page.getByText('only with consent to marketing').waitFor()
  })

  test('are shown to sales, who may not change them, and not to support', async () => {
    status = 204
    await open('sales')
    expect(await page.getByRole('button', { name: 'Add endpoint' }).count()).toBe(0)
    const data = { email: 'support@example.com', role: 'support' }
    await page.request.post(`${host.url}/_local/operators/session`, { data })
    await page.reload()
    await page.getByRole('link', { name: 'Sites' }).waitFor()
    expect(await page.getByRole('link', { name: 'Webhooks' }).count()).toBe(0)
  })
})
