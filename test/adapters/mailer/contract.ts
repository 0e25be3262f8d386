import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Mailer, MailMessage } from '../../../core/ports/delivery.ts'

interface Delivered {
  readonly recipients: readonly string[]
  /** Subject, text and HTML, and whatever else came along. */
  readonly content: string
}

export interface OpenedMailer {
  readonly mailer: Mailer
  /** Another one that remembers what this one does, as the next process would. */
  readonly reopen: () => Promise<Mailer>
  /** The messages delivered once no delivery is running. */
  readonly delivered: () => Promise<readonly Delivered[]>
  readonly close: () => Promise<void>
}

export const sampleMail = (id: string, change: Partial<MailMessage> = {}): MailMessage => ({
  id,
  to: `${id}@example.com`,
  subject: `Subject of ${id}`,
  text: `Text of ${id}`,
  html: `<p>HTML of ${id}</p>`,
  links: [],
  ...change,
})

/** What every mailer keeps that delivers somewhere. */
export const mailerContract = (name: string, open: () => Promise<OpenedMailer>): void => {
  describe(`${name}, as every mailer`, () => {
    let opened: OpenedMailer
    let mailer: Mailer

    beforeEach(async () => {
      opened = await open()
      mailer = opened.mailer
    })
    afterEach(() => opened.close())

    it('delivers subject, text and HTML to the recipient', async () => {
      await mailer.send(sampleMail('msg_a', { to: 'ada@example.com', expiresAt: '2100-01-01T00:00:00.000Z' }))
      const [mail, ...others] = await opened.delivered()
      expect(others).toEqual([])
      expect(mail?.recipients).toEqual(['ada@example.com'])
      for (const part of ['Subject of msg_a', 'Text of msg_a', '<p>HTML of msg_a</p>']) {
        expect(mail?.content).toContain(part)
      }
    })

    it('takes one id for one message, sent again, at the same moment or by the next process', async () => {
      await Promise.all([mailer.send(sampleMail('msg_a')), mailer.send(sampleMail('msg_a', { text: 'another' }))])
      await mailer.send(sampleMail('msg_a'))
      await (await opened.reopen()).send(sampleMail('msg_a'))
      await mailer.send(sampleMail('msg_b'))
      const recipients = (await opened.delivered()).map((mail) => mail.recipients)
      expect(recipients).toEqual([['msg_a@example.com'], ['msg_b@example.com']])
    })

    it('delivers nothing that has expired', async () => {
      await mailer.send(sampleMail('msg_a', { expiresAt: '2026-01-31T09:15:00.000Z' }))
      expect(await opened.delivered()).toEqual([])
    })

    it('makes a subject one line', async () => {
      await mailer.send(sampleMail('msg_a', { subject: 'Hello\r\nBcc: eve@example.com\n\nBody' }))
      const [mail] = await opened.delivered()
      expect(mail?.recipients).toEqual(['msg_a@example.com'])
      expect(mail?.content).toContain('Hello Bcc: eve@example.com Body')
    })

    it.each([
      '',
      'nobody',
      'a@example.com, b@example.com',
      'a@example.com\r\nBcc: b@example.com',
      '<a@example.com>',
      'a@b@c',
    ])('refuses %j as a recipient', async (to) => {
      await expect(mailer.send(sampleMail('msg_a', { to }))).rejects.toMatchObject({ kind: 'InvalidRequest' })
      expect(await opened.delivered()).toEqual([])
    })
  })
}
