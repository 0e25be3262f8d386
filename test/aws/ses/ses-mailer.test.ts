import { randomUUID } from 'node:crypto'
import {
  CreateConfigurationSetCommand,
  CreateEmailIdentityCommand,
  SESv2Client,
  SendEmailCommand,
} from '@aws-sdk/client-sesv2'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { documentClient, dynamodbClient } from '../../../adapters/dynamodb/client.ts'
import { ensureTables, tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { createSentMail, createSesMailer } from '../../../adapters/ses/ses-mailer.ts'
import { mailerContract, sampleMail } from '../../adapters/mailer/contract.ts'
import { clientSettings } from '../client-settings.ts'
import { sayPlayed } from '../say-played.ts'

sayPlayed('the content of mails, read from the requests; the emulator tells only how many it took')

/** Only of this file, since the emulator counts by region. */
const settings = { ...clientSettings(), region: 'eu-west-3' } as const

/** How many mails the emulator says it has taken: an operation that SESv2 has no equivalent of. */
const countTaken = async (): Promise<number> => {
  const answer = await fetch(settings.endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${settings.region}/ses/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams({ Action: 'GetSendQuota', Version: '2010-12-01' }),
  })
  const [, count] = /<SentLast24Hours>([\d.]+)</.exec(await answer.text()) ?? []
  if (count === undefined) throw new Error('the emulator does not tell how many mails it took')
  return Number(count)
}

const requestSchema = z.object({ Destination: z.object({ ToAddresses: z.array(z.string()) }) })

const open = async ({ isVerified = true } = {}) => {
  const client = new SESv2Client(settings)
  const engine = dynamodbClient(settings)
  const tables = tablesOf(`mail-${randomUUID()}`)
  await ensureTables(engine, tables)
  const configurationSet = `set-${randomUUID()}`
  await client.send(new CreateConfigurationSetCommand({ ConfigurationSetName: configurationSet }))
  const domain = `${randomUUID()}.example.com`
  if (isVerified) await client.send(new CreateEmailIdentityCommand({ EmailIdentity: domain }))
  const from = `no-reply@${domain}`
  const before = await countTaken()
  const requests: unknown[] = []
  client.middlewareStack.add(
    (next, context) => async (call) => {
      const result = await next(call)
      if (context['commandName'] === SendEmailCommand.name) requests.push(call.input)
      return result
    },
    { step: 'initialize', name: 'seenByTest' },
  )
  const now = () => '2026-02-01T00:00:00.000Z'
  const logged: object[] = []
  const line = (fields: object) => void logged.push(fields)
  const mailer = () =>
    createSesMailer({
      client,
      from,
      replyTo: 'hello@example.org',
      configurationSet,
      sent: createSentMail({ client: documentClient(engine), tables, now }),
      now,
      log: { info: line, warn: line, error: line },
    })
  return {
    mailer: mailer(),
    reopen: async () => mailer(),
    requests,
    logged,
    configurationSet,
    from,
    delivered: async () => {
      expect(await countTaken()).toBe(before + requests.length)
      return requests.map((request) => ({
        recipients: requestSchema.parse(request).Destination.ToAddresses,
        content: JSON.stringify(request),
      }))
    },
    close: async () => {
      client.destroy()
      engine.destroy()
    },
  }
}

mailerContract('SES', () => open())

it('a mail goes out from our address, under our configuration set, and says that a machine sent it', async () => {
  const { mailer, requests, from, configurationSet, close } = await open()
  await mailer.send(sampleMail('msg_a'))
  expect(requests).toMatchObject([
    {
      FromEmailAddress: from,
      ReplyToAddresses: ['hello@example.org'],
      ConfigurationSetName: configurationSet,
      Content: { Simple: { Headers: [{ Name: 'Auto-Submitted', Value: 'auto-generated' }] } },
    },
  ])
  await close()
})

it('a sender that SES has not verified keeps every mail from being sent, which is thrown and not taken for done', async () => {
  const { mailer, delivered, close } = await open({ isVerified: false })
  const sending = mailer.send(sampleMail('msg_a'))
  await expect(sending).rejects.toThrow('SES does not send mail from here: MessageRejected')
  await expect(sending).rejects.not.toThrow('@')
  await expect(mailer.send(sampleMail('msg_a'))).rejects.toThrow('MessageRejected')
  expect(await delivered()).toEqual([])
  await close()
})
