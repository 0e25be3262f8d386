import { expect, it } from 'vitest'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import { previewMails } from '../../../local/gateway/mail-preview.ts'
import config from '../../../sitewright.config.ts'
import { unknownToClients } from '../../support/mail-clients.ts'
import { samplePolicies } from '../../support/sample-policy.ts'

const legal = {
  terms: 'https://acme.example/terms',
  privacy: 'https://acme.example/privacy',
  imprint: 'https://acme.example/imprint',
}
const mailsIn = (language: 'en' | 'de', plans = config.plans) =>
  previewMails({
    brand: 'Acme',
    language,
    legal,
    contact: 'hello@acme.example',
    consoleUrl: 'https://console.acme.example',
    siteUrl: (hostname) => `https://${hostname}`,
    plans: planCatalogue(plans),
    policies: samplePolicies,
    now: '2026-01-31T09:30:00.000Z',
  })
const mails = mailsIn('en')
const germanMails = mailsIn('de')

it('has every mail to visitors and owners', () => {
  expect(mails.map(({ subject }) => subject)).toMatchInlineSnapshot(`
    [
      "WSZV-JJRR is your Acme code",
      "ada@example.com invites you to a team at Acme",
      "Your Acme trial can start",
      "Your Acme account will be deleted",
      "Your Acme account is deleted",
      "Somebody approved your site Acme Pumps",
      "www.acme.example is connected to your site",
      "www.acme.example will stop working",
      "www.acme.example has stopped working",
      "We are building your site Acme Pumps",
      "Your site Acme Pumps is ready",
      "Your site Acme Pumps could not be built",
      "The trial of Acme Pumps ends in 7 days",
      "The trial of Acme Pumps ends in 3 days",
      "The trial of Acme Pumps ends in 1 day",
      "The trial of Acme Pumps is extended",
      "Your site Acme Pumps is suspended: its trial has ended",
      "Your site Acme Pumps is suspended: a payment is missing",
      "Your site Acme Pumps is suspended: its subscription has ended",
      "Your site Acme Pumps is suspended: its storage is full",
      "Your site Acme Pumps will be deleted",
      "Your site Acme Pumps is suspended",
      "Your site Acme Pumps is moving",
      "The environment Acme Pumps (qa) ends in 1 day",
      "The environment Acme Pumps (qa) has ended",
      "Your site Acme Pumps is archived",
      "Your site Acme Pumps will be deleted in 14 days",
      "Your site Acme Pumps will be deleted in 3 days",
      "Your site Acme Pumps is back",
      "Your site Acme Pumps is deleted",
      "Your subscription for Acme Pumps has started",
      "A payment for Acme Pumps did not go through",
      "We received the payment for Acme Pumps",
      "The subscription of Acme Pumps is cancelled",
      "The subscription of Acme Pumps has ended",
      "We have refunded a payment for Acme Pumps",
      "The storage of Acme Pumps is almost full",
      "The storage of Acme Pumps is full",
      "Your site Acme Pumps does not answer",
      "Your site Acme Pumps did not wake",
      "Please accept the planned change of Acme Pumps",
      "The change of Acme Pumps is agreed",
      "Your site Acme Pumps will be interrupted soon",
      "The change of Acme Pumps did not happen",
      "Your site Acme Pumps has changed as agreed",
      "Your site Acme Pumps is back to what it was",
      "Our support team views your site Acme Pumps",
    ]
  `)
})

it('shows each with a button, but for the mail about a site that is gone', () => {
  for (const { subject, links, html, text } of mails.filter(({ subject }) => !subject.endsWith('is deleted'))) {
    expect(links, subject).toHaveLength(1)
    expect(html, subject).toContain('class="button"')
    expect(text, subject).toContain(links[0])
  }
})

const textOf = (subject: string): string => mails.find((mail) => mail.subject === subject)?.text ?? ''

it('says in the welcome mail what to do next, and where', () => {
  const text = textOf('Your site Acme Pumps is ready')
  for (const part of ['send its address to those who should see it', 'make copies of its data'])
    expect(text).toContain(part)
  expect(text).toMatch(/^Console: https?:\/\/[^/\s]+$/m)
})

it('says how full the storage is, and leads to the plans', () => {
  const text = textOf('The storage of Acme Pumps is almost full')
  // 80 % of the plan.
  expect(text).toContain('Used: more than 204 MB\nStorage of the plan: 256 MB')
  expect(text).toMatch(/^See plans:\n\S+\?part=plans$/m)
  expect(textOf('The storage of Acme Pumps is full')).not.toContain('more than')
  const large = config.plans.map((plan) => ({ ...plan, limits: { ...plan.limits, storageMiB: 3 * 2 ** 20 } }))
  expect(mailsIn('de', large).map((mail) => mail.text)).toContainEqual(
    expect.stringMatching(/mehr als 2,4 TB\n.*: 3 TB/),
  )
})

it('names the day of the next charge without a time', () => {
  expect(textOf('Your subscription for Acme Pumps has started')).toMatch(/^Next charge: \w+, \d+ \w+ \d{4}$/m)
})

it('names an environment as its commands do', () => {
  expect(textOf('The environment Acme Pumps (qa) ends in 1 day')).toContain('sitewright env extend qa')
})

/** What a reader of the HTML sees, in pieces. The title stands in the subject. */
const piecesOf = (html: string): readonly string[] => {
  const shown = html.slice(html.indexOf('<body')).replace(/<div style="display:none.*?<\/div>|<h1.*?<\/h1>/gs, '')
  const decoded = (piece: string) =>
    piece.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => entities[name] ?? '').trim()
  return shown
    .split(/<[^>]*>/)
    .map(decoded)
    .filter((piece) => piece !== '')
}
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' }

it('needs nothing in any mail that a client in use does not know (caniemail.com)', () => {
  // Each tag is judged by itself, so one that an earlier mail has needs no second check.
  const seen = new Set<string>()
  for (const { subject, html } of [...mails, ...germanMails]) {
    const added = html.match(/<style.*?<\/style>|<[^>]*>/gs)?.filter((tag) => !seen.has(tag)) ?? []
    if (added.length > 0) expect(unknownToClients(added.join('')).needed, subject).toEqual([])
    for (const tag of added) seen.add(tag)
  }
  expect(seen.size).toBeGreaterThan(50)
})

it('says in the text of each mail everything that its HTML says', () => {
  for (const { subject, html, text } of [...mails, ...germanMails]) {
    const line = text.replace(/\s+/g, ' ')
    const missing = piecesOf(html).filter((piece) => !`Acme ${line}`.includes(piece.replace(/\s+/g, ' ')))
    expect(missing, subject).toEqual([])
  }
})

it('has no two mails with one subject, and times of Berlin', () => {
  expect(new Set(mails.map(({ subject }) => subject)).size).toBe(mails.length)
  // Relocations name their window in UTC too.
  for (const { subject, text } of mails) {
    expect(text.replace(/^In UTC: .*$/m, ''), subject).not.toMatch(/\d\d:\d\d UTC/)
  }
})

it('leads from each to the legal pages of the offer', () => {
  for (const { subject, html, text } of [...mails, ...germanMails]) {
    for (const url of Object.values(legal)) {
      expect(html, subject).toContain(`href="${url}"`)
      expect(text, subject).toContain(url)
    }
    expect(text, subject).toMatch(/^(Legal notice|Impressum): /m)
  }
})

/** What is a fact in each language: names, addresses, codes, numbers. */
const factsIn = (text: string): readonly string[] =>
  text
    .replace(/(\d)[.,](?=\d)/g, '$1.')
    .match(/https?:\S+|\S+@[\w.-]+\w|[A-Z]{4}-[A-Z]{4}|\d+(?:[.:]\d+)*/g)
    ?.toSorted() ?? []

it('says the same in German: each fact of the English mail, at the same addresses, in other words', () => {
  expect(germanMails).toHaveLength(mails.length)
  for (const [index, { id, subject, text, html, links, code }] of mails.entries()) {
    const german = germanMails[index]
    expect(german, subject).toMatchObject({ id, links, ...(code && { code }) })
    expect(factsIn(german?.text ?? ''), subject).toEqual(factsIn(text))
    expect(german?.text.split('\n').length, subject).toBe(text.split('\n').length)
    expect(german?.subject).not.toBe(subject)
    expect(german?.html).toContain('<html lang="de">')
    expect(html).toContain('<html lang="en">')
    // What support wrote is in their language.
    expect(german?.text.replace('You asked about your invoices.', ''), subject).not.toMatch(
      /\b(the|your|you|this|will|until|because)\b/i,
    )
  }
})
