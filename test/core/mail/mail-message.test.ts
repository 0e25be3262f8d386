import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composeMail } from '../../../core/mail/mail-message.ts'
import { isTimeZone, localTime } from '../../../core/mail/mail-words.ts'
import { escapeHtml } from '../../../core/text.ts'

const draft = {
  id: 'msg_1',
  from: { brand: 'Acme' },
  to: 'robin@example.com',
  subject: 'Your site is ready',
  paragraphs: ['Welcome.', 'It runs.'],
  footer: 'You get this because you own a site.',
}
const link = { text: 'Open your site', url: 'http://harbour.localhost:4000/?a=1&b=2' }

describe('a mail', () => {
  it('renders the same text as plain text and as HTML', () => {
    const { text, html } = composeMail({ ...draft, link, code: '012345' })
    for (const part of ['Welcome.', 'It runs.', '012345', 'Open your site', draft.footer]) {
      expect(text).toContain(part)
      expect(html).toContain(part)
    }
    expect(text).toContain(link.url)
    expect(html).toContain('href="http://harbour.localhost:4000/?a=1&amp;b=2"')
  })

  it('names its links and its code for programs', () => {
    expect(composeMail({ ...draft, link, code: '012345' })).toMatchObject({ links: [link.url], code: '012345' })
    expect(composeMail(draft)).toMatchObject({ links: [] })
    expect(composeMail(draft)).not.toHaveProperty('code')
  })

  it('has a subject of one line, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\r', '\n', '\u2028', '\t', ' Bcc: eve@example.com')), (parts) => {
        expect(composeMail({ ...draft, subject: parts.join('') }).subject).not.toMatch(/[\r\n\t\u2028\u2029]/)
      }),
    )
  })

  it('keeps a name with line breaks from writing paragraphs of its own', () => {
    const paragraphs = ['Your site A\r\n\r\nYour card was refused:\nhttp://evil.example runs.']
    expect(composeMail({ ...draft, paragraphs }).text.split('\n\n')).toEqual([
      'Your site A Your card was refused: http://evil.example runs.',
      `-- \n${draft.footer}`,
    ])
  })

  it('keeps what is in it from becoming HTML', () => {
    const evil = '<img src=x onerror="alert(1)">&\''
    const { html } = composeMail({
      id: 'msg_1',
      from: { brand: evil, colours: { light: '#4338ca', dark: '#a5b0ff' } },
      to: draft.to,
      subject: evil,
      paragraphs: [evil],
      code: evil,
      link: { text: evil, url: `http://localhost/"><script>` },
      footer: evil,
    })
    expect(html).not.toContain('<img')
    expect(html).not.toContain('<script')
    expect(html).not.toContain('"alert')
  })

  it('shows in a browser what was written', () => {
    const entities: Readonly<Record<string, string>> = {
      '&amp;': '&',
      '&lt;': '<',
      '&gt;': '>',
      '&quot;': '"',
      '&#39;': "'",
    }
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('&', '<', '>', '"', "'", 'a', ';', 'l', 't') }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/)
        expect(escapeHtml(text).replaceAll(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? '')).toBe(text)
      }),
    )
  })
})

describe('localTime', () => {
  it.each([
    ['Europe/Berlin', 'Sunday, 15 March 2026 at 13:00 CET'],
    ['Europe/Berlin', 'Wednesday, 15 July 2026 at 14:00 CEST', '2026-07-15T12:00:00.000Z'],
    ['America/New_York', 'Sunday, 15 March 2026 at 08:00 GMT-4'],
    ['Asia/Tokyo', 'Monday, 16 March 2026 at 00:30 GMT+9', '2026-03-15T15:30:00.000Z'],
    ['UTC', 'Sunday, 15 March 2026 at 12:00 UTC'],
  ])('in %s is %s', (zone, said, instant = '2026-03-15T12:00:00.000Z') => {
    expect(localTime(instant, zone)).toBe(said)
  })

  it.each([undefined, 'Nowhere/Atlantis'])('in no zone that is known (%s) is in UTC', (zone) => {
    expect(localTime('2026-03-15T12:00:00.000Z', zone)).toBe('Sunday, 15 March 2026 at 12:00 UTC')
  })
})

describe('a time zone', () => {
  it.each(['Europe/Berlin', 'UTC', 'Asia/Kolkata'])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true)
  })
  it.each(['', 'Nowhere', 'Europe/Berlin; DROP', '../../etc'])('%s is none', (name) => {
    expect(isTimeZone(name)).toBe(false)
  })
})
