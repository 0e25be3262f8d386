import { describe, expect, test, vi } from 'vitest'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { startHost } from '../support/start-host.ts'
import { showsList } from './console-page.ts'
import { openBuyer } from './open-buyer.ts'

vi.setConfig({ testTimeout: 120_000 })

describe.skipIf(!hasBrowser())('the sleep of a site in the console', () => {
  test('is chosen by the owner of a site on a paid plan, and by no one on a trial', async () => {
    await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
    await using browser = await launchBrowser()
    await using buyer = await openBuyer(host, browser, 'ada')
    const { page, trouble, ask } = buyer
    const summary = page.getByText('Sleep', { exact: true })
    await page.getByText('Data copies').waitFor()
    expect(await summary.isVisible()).toBe(false)
    await buyer.buy('starter')
    await page.reload()
    await showsList(page)
    await summary.click()
    const field = page.getByLabel('Minutes without visitors')
    const save = async (text: string) => {
      await field.fill(text)
      await page.keyboard.press('Enter')
    }
    const chosen = async () => (await ask<{ sleepAfterMinutes: number | null }>('GET', '')).json.sleepAfterMinutes
    expect(await field.inputValue()).toBe('')
    await save('45')
    await page.getByText('Your site sleeps after 45 minutes without visitors. The next visitor wakes it.').waitFor()
    expect(await chosen()).toBe(45)
    await save('soon')
    await page.getByText('Type a whole number of minutes, or nothing if it never sleeps.').waitFor()
    await save('99999')
    await page.getByText('The minutes without visitors must be at most 43,200 minutes, which are 30 days.').waitFor()
    expect(await chosen()).toBe(45)
    await page.reload()
    await showsList(page)
    await summary.click()
    expect(await field.inputValue()).toBe('45')
    await save('')
    await page.getByText('Your site never sleeps.').waitFor()
    expect(await chosen()).toBeNull()
    expect(trouble).toEqual([])
  })
})
