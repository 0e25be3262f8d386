import { describe, expect, it } from 'vitest'
import { composeMail } from '../../../core/mail/mail-message.ts'
import { unknownToClients } from '../../support/mail-clients.ts'

const draft = {
  id: 'msg_1',
  from: { brand: 'Acme', colours: { light: '#0f766e', dark: '#5eead4' } },
  to: 'robin@example.com',
  subject: 'Your site Harbour is ready',
  paragraphs: ['Welcome.', 'It runs.'],
  facts: [
    ['Address', 'https://harbour.example.com'],
    ['Trial ends', 'Friday, 11 December 2026 at 13:00 CET'],
  ],
  link: { text: 'Open your site', url: 'https://harbour.example.com/' },
  code: 'WDJB-MJHT',
  footer: 'You get this because you own a site.',
} as const

describe('the HTML of a mail', () => {
  it('needs nothing that a client in use does not know (caniemail.com)', () => {
    const mark = 'https://example.com/mark.png'
    const { unknown, needed } = unknownToClients(composeMail({ ...draft, from: { ...draft.from, mark } }).html)
    expect(unknown.length).toBeGreaterThan(0)
    expect(needed).toEqual([])
  })

  it('and its text have every fact', () => {
    const { html, text } = composeMail(draft)
    for (const part of ['Welcome.', 'It runs.', draft.code, ...draft.facts.flat(), draft.link.text, draft.footer]) {
      expect(html).toContain(part)
      expect(text).toContain(part)
    }
    expect(text).toContain('Trial ends: Friday, 11 December 2026 at 13:00 CET')
  })

  it('loads nothing but the mark of the offer, and has one button', () => {
    const { html } = composeMail(draft)
    expect(html).not.toMatch(/<img|<link|src=|url\(/)
    const marked = composeMail({ ...draft, from: { ...draft.from, mark: 'https://example.com/assets/mark.png' } })
    expect(marked.html.match(/src="[^"]*"/g)).toEqual(['src="https://example.com/assets/mark.png"'])
    expect(html.match(/<a /g)).toHaveLength(1)
  })

  it('shows the name and the colours of the offer in both themes', () => {
    const { html } = composeMail(draft)
    expect(html).toMatch(/class="brand"[^>]*color:#0f766e">Acme</)
    expect(html).toContain('.button { background-color: #5eead4 !important')
  })

  it('has the first sentence in lists of mails, and nothing of the footer', () => {
    const [, hidden = ''] = /<div style="display:none[^>]*>(.*?)<\/div>/.exec(composeMail(draft).html) ?? []
    expect(hidden.startsWith('Welcome.')).toBe(true)
    expect(hidden).toMatch(/(&#847;&zwnj;&nbsp;){60}$/)
  })

  it('lets no long word or address widen the column of a phone', () => {
    const { html } = composeMail(draft)
    const texts = html.match(/style="[^"]*font-family:-apple-system/g) ?? []
    expect(texts.length).toBeGreaterThan(5)
    for (const style of texts) expect(style).toContain('word-break:break-word')
  })

  it.each(['שלום עולם', '🛶'.repeat(40), 'A'.repeat(80)])('takes the name %s', (name) => {
    const { html, text } = composeMail({ ...draft, paragraphs: [`Your site ${name} runs.`] })
    expect(html).toContain(name)
    expect(html).toContain('dir="auto"')
    expect(text).toContain(name)
  })
})
