import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Mailbox, type MailboxOptions, openMailbox } from '../../../adapters/mailbox/mailbox.ts'
import { awaitsDelivery } from '../../../adapters/mailbox/spool.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startMailServer } from '../mailbox/mail-server.ts'
import { mailerContract } from './contract.ts'

const silent = () => undefined
const log = { info: silent, warn: silent, error: silent } as unknown as MailboxOptions['log']

mailerContract('a mailbox that delivers by SMTP', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-mailer-'))
  const server = await startMailServer()
  const openOne = () =>
    openMailbox({
      directory,
      now: () => '2026-02-01T00:00:00.000Z',
      log,
      smtp: { url: server.url, from: 'Sitewright <no-reply@sitewright.test>', replyTo: 'a@sitewright.test' },
    })
  let mailbox: Mailbox = await openOne()
  const isIdle = async (): Promise<boolean> => !(await mailbox.list()).some(awaitsDelivery)
  return {
    mailer: { send: (message) => mailbox.send(message) },
    reopen: async () => {
      await waitFor(isIdle)
      await mailbox.close()
      mailbox = await openOne()
      return mailbox
    },
    delivered: async () => {
      await waitFor(isIdle)
      return server.received.map(({ recipients, source }) => ({ recipients, content: source }))
    },
    close: async () => {
      await mailbox.close()
      await server.stop()
      await rm(directory, { recursive: true })
    },
  }
})
