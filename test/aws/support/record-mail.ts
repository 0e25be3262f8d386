import { CreateConfigurationSetCommand, CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import * as z from 'zod'
import { clientSettings } from '../client-settings.ts'
import { sayPlayed } from '../say-played.ts'
import type { WatchCalls } from './fault-proxy.ts'

export interface SentMail {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

const textSchema = z.object({ Data: z.string() })
const requestSchema = z.object({
  FromEmailAddress: z.string(),
  Destination: z.object({ ToAddresses: z.tuple([z.string()]) }),
  Content: z.object({ Simple: z.object({ Subject: textSchema, Body: z.object({ Text: textSchema }) }) }),
})

/** Verifies the sender, as a deploy has SES do it; the emulator, which may know it from another test, says so in words of its own. */
const verifySender = async (from: string, configurationSet: string): Promise<void> => {
  const client = new SESv2Client(clientSettings())
  const unlessThere = async (making: Promise<unknown>): Promise<void> => {
    await making.catch((error: unknown) => {
      if (!(error instanceof Error && error.name.endsWith('AlreadyExistsException'))) throw error
    })
  }
  const EmailIdentity = from.slice(from.indexOf('@') + 1)
  await unlessThere(client.send(new CreateEmailIdentityCommand({ EmailIdentity })))
  await unlessThere(client.send(new CreateConfigurationSetCommand({ ConfigurationSetName: configurationSet })))
  client.destroy()
}

/** What SES was given to send. */
export const recordMail = async (sender: { readonly from: string; readonly configurationSet: string }) => {
  sayPlayed('the content of mails, read from the requests; the emulator tells only how many it took')
  await verifySender(sender.from, sender.configurationSet)
  const sent: SentMail[] = []
  const watch: WatchCalls = (operation, body) => {
    if (operation !== 'ses.POST /v2/email/outbound-emails') return
    const { FromEmailAddress, Destination, Content } = requestSchema.parse(JSON.parse(body.toString('utf8')))
    const { Subject, Body } = Content.Simple
    sent.push({ from: FromEmailAddress, to: Destination.ToAddresses[0], subject: Subject.Data, text: Body.Text.Data })
  }
  return { watch, mailTo: (address: string): readonly SentMail[] => sent.filter(({ to }) => to === address) }
}
