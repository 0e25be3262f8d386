import { SESv2Client } from '@aws-sdk/client-sesv2'
import { createSentMail } from '../../adapters/ses/sent-mail.ts'
import { createSesMailer } from '../../adapters/ses/ses-mailer.ts'
import type { Clocks, Log } from '../../core/ports/context.ts'
import type { Mailer } from '../../core/ports/delivery.ts'
import { clientSettings } from './client-settings.ts'
import type { OpenTables } from './tables.ts'

interface MailEnvironment {
  readonly MAIL_FROM: string
  readonly MAIL_CONFIGURATION: string
}

export const openMailer = (
  { MAIL_FROM, MAIL_CONFIGURATION }: MailEnvironment,
  { tables, clocks, log }: { readonly tables: OpenTables; readonly clocks: Clocks; readonly log: Log },
): Mailer =>
  createSesMailer({
    client: new SESv2Client(clientSettings),
    from: MAIL_FROM,
    configurationSet: MAIL_CONFIGURATION,
    sent: createSentMail({ ...tables, now: clocks.wall }),
    now: clocks.wall,
    log,
  })
