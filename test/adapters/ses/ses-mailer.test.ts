import {
  BadRequestException,
  MailFromDomainNotVerifiedException,
  MessageRejected,
  SESv2Client,
  TooManyRequestsException,
} from '@aws-sdk/client-sesv2'
import { expect, it } from 'vitest'
import { createSesMailer, type SentMail } from '../../../adapters/ses/ses-mailer.ts'
import { sampleMail } from '../mailer/contract.ts'
import { playAws } from '../play-aws.ts'

const failure = (message: string) => ({ message, $metadata: {} })

interface Request {
  readonly FromEmailAddress: string
  readonly ReplyToAddresses: readonly string[]
  readonly Destination: { readonly ToAddresses: readonly string[] }
  readonly EmailTags: readonly object[]
}

/** A mailer before an SES that answers with these failures in turn, then takes everything. */
const open = (failures: readonly Error[] = [], sent: Partial<SentMail> = {}) => {
  const taken: string[] = []
  const from: string[] = []
  const answersTo: string[] = []
  const tags: object[] = []
  const lines: string[] = []
  const waiting = [...failures]
  const client = playAws(
    new SESv2Client({ region: 'eu-central-1' }),
    ({ FromEmailAddress, ReplyToAddresses, Destination, EmailTags }: Request) => {
      const next = waiting.shift()
      if (next !== undefined) throw next
      taken.push(...Destination.ToAddresses)
      from.push(FromEmailAddress)
      answersTo.push(...ReplyToAddresses)
      tags.push(...EmailTags)
      return { MessageId: '1' }
    },
  )
  const ids = new Set<string>()
  const noted = new Map<string, unknown>()
  const line = (fields: object, message: string) => void lines.push(JSON.stringify([fields, message]))
  const mailer = createSesMailer({
    client,
    from: 'no-reply@example.org',
    replyTo: 'hello@example.org',
    configurationSet: 'set',
    sent: {
      has: async (id) => ids.has(id),
      add: async (id) => void ids.add(id),
      note: async (id, outcome) => void noted.set(id, outcome),
      ...sent,
    },
    now: () => '2026-02-01T00:00:00.000Z',
    log: { info: line, warn: line, error: line },
  })
  return { mailer, taken, from, answersTo, tags, lines, ids, noted }
}

it('what may pass is thrown as it came, and the same message is sent by the next try', async () => {
  const slowDown = new TooManyRequestsException(failure('slow down'))
  const silence = Object.assign(new Error('nothing came'), { name: 'TimeoutError' })
  const { mailer, taken } = open([slowDown, silence])
  await expect(mailer.send(sampleMail('msg_a'))).rejects.toBe(slowDown)
  await expect(mailer.send(sampleMail('msg_a'))).rejects.toBe(silence)
  await mailer.send(sampleMail('msg_a'))
  expect(taken).toEqual(['msg_a@example.com'])
})

it.each([
  ['address', new BadRequestException(failure('Local address contains control characters: ada@example.com 123456'))],
  ['content', new MessageRejected(failure('Virus in mail to ada@example.com'))],
])('a message whose %s SES refuses is done with, and neither address nor code is logged', async (_, refusal) => {
  const { mailer, taken, lines, noted } = open([refusal])
  const mail = sampleMail('msg_a', { to: 'ada@example.com', code: '123456' })
  await mailer.send(mail)
  await mailer.send(mail)
  expect(taken).toEqual([])
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(`"reason":"${refusal.name}: `)
  expect(lines[0]).not.toContain('@')
  expect(lines[0]).not.toContain('123456')
  const reason = expect.stringMatching(new RegExp(`^${refusal.name}: [^@]*$`))
  expect([...noted]).toEqual([['msg_a', { status: 'undeliverable', reason }]])
})

it.each([
  new MessageRejected(failure('Email address is not verified: ada@example.com')),
  new MailFromDomainNotVerifiedException(failure('ada@example.com')),
])('what keeps every message from being sent is thrown without anybody’s address: $name', async (blocked) => {
  const { mailer, ids } = open([blocked])
  const sending = mailer.send(sampleMail('msg_a'))
  await expect(sending).rejects.toThrow(`SES does not send mail from here: ${blocked.name}`)
  await expect(sending).rejects.not.toThrow('@')
  await expect(sending).rejects.not.toHaveProperty('cause')
  expect(ids).toEqual(new Set())
})

it('a message that was sent and could not be noted down is not sent again by an error', async () => {
  const { mailer, taken, lines } = open([], { add: async () => Promise.reject(new Error('the table is away')) })
  await expect(mailer.send(sampleMail('msg_a'))).resolves.toBeUndefined()
  expect(taken).toHaveLength(1)
  expect(lines.join()).toContain('sent-mail-unrecorded')
})

it('a message is not sent while nobody can say whether it was', async () => {
  const { mailer, taken } = open([], { has: async () => Promise.reject(new Error('the table is away')) })
  await expect(mailer.send(sampleMail('msg_a'))).rejects.toThrow('the table is away')
  expect(taken).toEqual([])
})

it('the end of a message that came too late is logged', async () => {
  const { mailer, lines } = open()
  await mailer.send(sampleMail('msg_a', { expiresAt: '2026-02-01T00:00:00.000Z' }))
  expect(lines).toEqual([expect.stringContaining(JSON.stringify({ event: 'mail-expired', id: 'msg_a' }))])
})

it('tells SES the ids of a message and of its site, which the events about it have', async () => {
  const { mailer, tags } = open()
  await mailer.send(sampleMail('msg_a', { siteId: 'site_a' }))
  await mailer.send(sampleMail('msg_b'))
  expect(tags).toEqual([
    { Name: 'mail', Value: 'msg_a' },
    { Name: 'site', Value: 'site_a' },
    { Name: 'mail', Value: 'msg_b' },
  ])
})

it('has answers sent to who the message names, or to the contact of the installation', async () => {
  const { mailer, answersTo } = open()
  await mailer.send(sampleMail('msg_a'))
  await mailer.send(sampleMail('msg_b', { replyTo: 'help@schools.example' }))
  expect(answersTo).toEqual(['hello@example.org', 'help@schools.example'])
})

it('names a sender as text if it is ASCII, and otherwise in encoded words of at most 75 characters', async () => {
  const { mailer, from } = open()
  const long = 'Müller, Söhne & Töchter – Prüfgeräte aller Größen 🌟'
  await mailer.send(sampleMail('msg_a', { sender: 'Acme, "Inc."' }))
  await mailer.send(sampleMail('msg_b', { sender: long }))
  expect(from[0]).toBe(String.raw`"Acme, \"Inc.\"" <no-reply@example.org>`)
  const words = from[1]!.split(' ').slice(0, -1)
  expect(words.filter((word) => word.length > 75)).toEqual([])
  const decoded = words.map((word) => Buffer.from(/^=\?UTF-8\?B\?(.+)\?=$/.exec(word)![1]!, 'base64').toString())
  expect(decoded.join('')).toBe(long)
})
