import { readFile } from 'node:fs/promises'
import { describe, expect, test, vi } from 'vitest'
import { getSite, mailTo } from '../e2e/visitor.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { openWithSite } from './console-page.ts'

// The mail is sent by the next run of a function that the clock calls every minute.
vi.setConfig({ testTimeout: 180_000 })

describe.skipIf(!hasBrowser())('the page of the account', () => {
  test('downloads the data, deletes the account, and keeps it by the link of the mail', async () => {
    await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
    await using browser = await launchBrowser()
    await using opened = await openWithSite(host, browser, 'ada')
    const { page, person, site, trouble } = opened
    const email = 'ada@example.com'
    await page.getByRole('link', { name: email }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download my data' }).click(),
    ])
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({ person: { email } })

    await page.getByRole('button', { name: 'Delete my account' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(`Type ${email} to confirm`).fill('eve@example.com')
    await dialog.getByRole('button', { name: 'Delete my account' }).click()
    await dialog.getByText('Type your e-mail address to confirm the deletion.').waitFor()
    await dialog.getByLabel(`Type ${email} to confirm`).fill(email)
    await dialog.getByRole('button', { name: 'Delete my account' }).click()
    await page.getByText('Your account and your sites will be deleted permanently on').waitFor()
    expect((await getSite(host, person, site.id)).status).toBe('suspended')

    const mail = await waitFor(async () =>
      (await mailTo(host, email)).find(({ subject }) => subject.includes('account will be deleted')),
    )
    await page.goto(mail.links[0] ?? '')
    await page.getByRole('button', { name: 'Keep my account and sites' }).click()
    await page.getByRole('button', { name: 'Delete my account' }).waitFor()
    expect(page.url()).not.toContain('code=')
    expect(trouble).toEqual([])
  })
})
