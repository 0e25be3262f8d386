import { describe, expect, it } from 'vitest'
import type { StoredMessage } from '../../../adapters/mailbox/spool.ts'
import { mailboxPage } from '../../../local/gateway/mailbox-page.ts'

const message: StoredMessage = {
  schemaVersion: 1,
  id: 'msg_1',
  to: 'ada@example.com',
  subject: 'Your code',
  text: 'Hello Ada',
  html: '<p>Hello <b>Ada</b></p>',
  code: '012345',
  links: ['http://localhost:4000/signups/1?a=1&b=2'],
  sentAt: '2026-01-31T09:30:00.000Z',
  status: 'stored',
  attempts: 0,
  updatedAt: '2026-01-31T09:30:00.000Z',
}

describe('the mailbox page', () => {
  it('shows recipient, subject, code, text and links', () => {
    const page = mailboxPage([message])
    for (const part of ['ada@example.com', 'Your code', '012345', 'Hello Ada']) expect(page).toContain(part)
    expect(page).toContain('href="http://localhost:4000/signups/1?a=1&amp;b=2"')
  })

  it('shows messages in the order given', () => {
    const page = mailboxPage([
      { ...message, subject: 'second' },
      { ...message, subject: 'first' },
    ])
    expect(page.indexOf('second')).toBeLessThan(page.indexOf('first'))
  })

  it('says so where there is none', () => {
    expect(mailboxPage([])).toContain('No mail yet.')
    expect(mailboxPage([])).toContain('<link rel="icon" href="/assets/')
  })

  it('lets nothing of a mail become part of the page', () => {
    const hostile = `</pre></iframe>"'><script>alert(1)</script>`
    const page = mailboxPage(
      [{ ...message, to: hostile, subject: hostile, text: hostile, html: hostile, code: hostile, lastError: hostile }],
      { to: hostile },
    )
    expect(page).not.toContain('<script>')
    expect(page.split('&lt;script&gt;').length - 1).toBe(7)
    expect(page).not.toContain(`"'>`)
  })

  it('makes no link of an address that is none of the web', () => {
    const page = mailboxPage([{ ...message, links: ['javascript:alert(1)', 'data:text/html,x'] }])
    expect(page).not.toContain('<li><a ')
    expect(page).toContain('<li>javascript:alert(1)</li>')
  })

  it('shows the HTML of a mail in a frame that may only open its links in a tab', () => {
    const page = mailboxPage([message])
    expect(page).toContain('<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title')
    expect(mailboxPage([{ ...message, html: '' }])).not.toContain('<iframe')
  })

  it('says why a message is not delivered yet', () => {
    expect(mailboxPage([{ ...message, status: 'failing', lastError: 'ECONNECTION CONN' }])).toContain(
      'failing: ECONNECTION CONN',
    )
  })
})
