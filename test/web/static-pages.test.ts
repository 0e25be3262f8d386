import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { StoredMessage } from '../../adapters/mailbox/spool.ts'
import { composeMail } from '../../core/mail/mail-message.ts'
import type { ProgressStep } from '../../core/site/site-facts.ts'
import { offerSchema } from '../../lambdas/offers/offer.ts'
import { createOffers } from '../../lambdas/offers/offers.ts'
import { mailboxPage, mailboxPagePolicy } from '../../local/gateway/mailbox-page.ts'
import { pageAnswer, type Page as RouterPage } from '../../router/page.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { expectAccessible } from './watch-page.ts'

const consoleUrl = 'https://try.example.com'
const brand = { name: 'Meadow', contact: 'help@example.com', colours: { light: '#0f766e', dark: '#5eead4' } }
const schools = offerSchema.parse({ id: 'schools', hostnames: ['schools.example.org'], brand })
const terms = { consoleUrl, offers: createOffers([schools], consoleUrl) }

const step = (name: ProgressStep['name'], status: ProgressStep['status']): ProgressStep => ({ name, status, at: null })
const steps = [step('storage', 'done'), step('start', 'running'), step('ready', 'pending')]
const pages: readonly (readonly [string, Partial<RouterPage>])[] = [
  ['suspended', {}],
  ['building', { progress: { percent: 40, steps } }],
  ['waking', { waking: { elapsedSeconds: 3, expectedSeconds: 9 } }],
  ['gate', { button: { action: '/retry', label: 'Look again' } }],
]

const message: StoredMessage = {
  ...{
    schemaVersion: 1,
    id: 'msg_1',
    to: 'ada@example.com',
    subject: 'Your code',
    text: 'Hello',
    html: '<p>Hello</p>',
  },
  ...{ code: 'WDJB-MJHT', links: ['https://example.com/'], status: 'failing', lastError: 'refused', attempts: 1 },
  ...{ sentAt: '2026-01-31T09:30:00.000Z', updatedAt: '2026-01-31T09:30:00.000Z' },
}

describe.skipIf(!hasBrowser())('a page without a script is accessible in both themes', () => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await launchBrowser()
    page = await browser.newPage()
    return () => browser.close()
  })

  test.each(pages)('in place of a site: %s', async (name, more) => {
    const shown: RouterPage = {
      ...{ offer: 'schools', status: 403, problem: 'site-suspended', title: 'This site is suspended' },
      ...{ detail: 'Its owner can resume it.', ...more },
    }
    const { body } = pageAnswer(shown, { headers: { accept: 'text/html' } }, terms)
    await page.setContent(body.toString())
    await expectAccessible(page, `router-${name}`)
    expect(await page.getByRole('link', { name: 'Go to the console' }).count()).toBe(1)
  })

  test('the mailbox', async () => {
    await page.setContent(mailboxPage([message]))
    await expectAccessible(page, 'mailbox')
    expect(await page.getByRole('heading', { name: 'Your code' }).count()).toBe(1)
  })

  test('a mail in the mailbox reads from the left, and its button opens beside it', async () => {
    const link = { text: 'Open your site', url: 'http://harbour.test/' }
    const draft = {
      id: 'msg_1',
      from: { brand: 'Meadow' },
      to: 'ada@example.com',
      paragraphs: ['It runs.'],
      footer: '',
    }
    const { html } = composeMail({ ...draft, subject: 'Your site is ready', link })
    const headers = { 'content-type': 'text/html', 'content-security-policy': mailboxPagePolicy }
    await page.route('http://mail.test/', (route) =>
      route.fulfill({ headers, body: mailboxPage([{ ...message, html, links: [link.url] }]) }),
    )
    await page.context().route(link.url, (route) => route.fulfill({ body: 'the site' }))
    await page.goto('http://mail.test/')
    const mail = page.frameLocator('iframe')
    const align = "getComputedStyle(document.querySelector('h1')).textAlign"
    expect(await page.frames().at(-1)?.evaluate(align)).toBe('left')
    const opened = page.waitForEvent('popup')
    await mail.getByRole('link', { name: link.text }).click()
    expect((await opened).url()).toBe(link.url)
  })
})
