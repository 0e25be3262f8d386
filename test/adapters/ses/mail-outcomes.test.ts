import { describe, expect, it } from 'vitest'
import { ensureTables, tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { createMailOutcomes } from '../../../adapters/ses/mail-outcomes.ts'
import { createSentMail } from '../../../adapters/ses/ses-mailer.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import { patternsOf } from '../../../lambdas/manifest.ts'
import { mailOwner } from '../../../lambdas/sites/functions.ts'
import { quickClients } from '../../support/memory-table/quick-client.ts'

/** As SES gives it to EventBridge; shortened. Source: the Amazon SES Developer Guide, "Monitoring SES events using Amazon EventBridge". */
const detailOf = (what: object, tags: object = { mail: ['msg_a'], site: ['site_a'] }) => ({
  ...what,
  mail: {
    timestamp: '2026-02-01T00:00:00.000Z',
    messageId: '0100018f',
    source: 'no-reply@example.org',
    destination: ['ada@example.com'],
    headers: [{ name: 'To', value: 'ada@example.com' }],
    tags: { 'ses:configuration-set': ['sitewright-test'], 'ses:caller-identity': ['x'], ...tags },
  },
})
const bounce = (bounceType: string, bounceSubType: string, report: object = {}) =>
  detailOf({
    eventType: 'Bounce',
    bounce: {
      feedbackId: '0100017',
      bounceType,
      bounceSubType,
      bouncedRecipients: [{ emailAddress: 'ada@example.com', ...report }],
      timestamp: '2026-02-01T00:00:01.000Z',
    },
  })
const failed = { action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 <ada@example.com>: unknown' }
const complaint = (complaint: object) =>
  detailOf({
    eventType: 'Complaint',
    complaint: { feedbackId: '0100017', complainedRecipients: [{ emailAddress: 'ada@example.com' }], ...complaint },
  })

const open = () => {
  const noted: unknown[][] = []
  const lines: string[] = []
  const line = (fields: object) => void lines.push(JSON.stringify(fields))
  const note = createMailOutcomes({
    sent: { note: async (...outcome) => void noted.push(outcome) },
    log: { info: line, warn: line, error: line },
  })
  return { note, noted, lines }
}

it.each([
  ['a mailbox that does not exist', bounce('Permanent', 'General', failed), 'bounce: Permanent, General'],
  [
    'a suppressed address',
    bounce('Permanent', 'OnAccountSuppressionList', failed),
    'bounce: Permanent, OnAccountSuppressionList',
  ],
  [
    'an address suppressed by a complaint',
    complaint({ complaintSubType: 'OnAccountSuppressionList' }),
    'complaint: OnAccountSuppressionList',
  ],
  ['a full mailbox', bounce('Transient', 'MailboxFull', failed), 'bounce: Transient, MailboxFull'],
  ['a server that is away for too long', bounce('Transient', 'General', failed), 'bounce: Transient, General'],
  ['a virus', detailOf({ eventType: 'Reject', reject: { reason: 'Bad content' } }), 'rejected by SES: Bad content'],
])('a mail to %s is noted as undeliverable, and logged without an address', async (_, detail, reason) => {
  const { note, noted, lines } = open()
  await note(detail)
  expect(noted).toEqual([['msg_a', { status: 'undeliverable', reason }]])
  expect(lines).toEqual([JSON.stringify({ event: 'mail-refused', id: 'msg_a', siteId: 'site_a', reason })])
})

it.each([
  ['abuse', { complaintFeedbackType: 'abuse', complaintSubType: null }],
  ['without a type', {}],
])('a complaint (%s) is no failure: the mail arrived', async (type, given) => {
  const { note, noted, lines } = open()
  await note(complaint(given))
  expect(noted).toEqual([['msg_a', { status: 'marked-as-spam', reason: `complaint: ${type}` }]])
  expect(lines.join()).toContain('mail-marked-as-spam')
  expect(lines.join()).not.toContain('@')
})

it.each([
  ['an automatic reply', bounce('Transient', 'General')],
  ['a mail that is not of the product', { ...detailOf({ reject: { reason: 'Bad content' } }, {}) }],
])('%s is noted as nothing', async (_, detail) => {
  const { note, noted, lines } = open()
  await note(detail)
  expect([noted, lines]).toEqual([[], []])
})

describe('what is known of a mail', async () => {
  const { engine, client } = quickClients()
  const tables = tablesOf('sitewright')
  await ensureTables(engine, tables)
  let time = '2026-02-01T00:00:00.000Z'
  const sent = createSentMail({ client, tables, now: () => time })
  const note = createMailOutcomes({ sent, log: { info: () => {}, warn: () => {}, error: () => {} } })
  const tagged = (id: string) => ({ ...bounce('Permanent', 'General', failed), mail: { tags: { mail: [id] } } })
  const undeliverable = { status: 'undeliverable', reason: 'bounce: Permanent, General' }

  it('is that it was sent, until an event says that it did not arrive, however often', async () => {
    await sent.add('msg_a')
    expect(await sent.find('msg_a')).toEqual({ status: 'sent', at: time })
    time = '2026-02-01T00:00:09.000Z'
    for (const _ of [1, 2]) await note(tagged('msg_a'))
    expect(await sent.find('msg_a')).toEqual({ ...undeliverable, at: '2026-02-01T00:00:00.000Z' })
    expect(await sent.has('msg_a')).toBe(true)
  })

  it('survives an event that comes before the note that it was sent, and does not keep it from being sent', async () => {
    await note(tagged('msg_b'))
    expect(await sent.has('msg_b')).toBe(false)
    expect(await sent.find('msg_b')).toMatchObject(undeliverable)
    await sent.add('msg_b')
    expect(await sent.find('msg_b')).toMatchObject(undeliverable)
    expect(await sent.find('msg_c')).toBeUndefined()
  })
})

it('a detail of another form is an error, which an alarm shows', async () => {
  const { note } = open()
  await expect(note({ eventType: 'Bounce' })).rejects.toThrow('mail')
})

it('a function gets the events that SES sends', () => {
  const patterns = patternsOf(mailOwner)
  const isGiven = (type: string): boolean =>
    patterns.some((pattern) => matchesPattern({ source: 'aws.ses', 'detail-type': type, detail: {} }, pattern))
  expect(['Email Bounced', 'Email Complaint Received', 'Email Rejected'].map(isGiven)).toEqual([true, true, true])
  expect(isGiven('Email Delivered')).toBe(false)
})
