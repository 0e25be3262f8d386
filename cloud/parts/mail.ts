import { SESv2Client } from '@aws-sdk/client-sesv2'
import { createSentMail, createSesMailer } from '../../adapters/ses/ses-mailer.ts'
import { type CloudContext, tables } from '../context.ts'
import { clientSettings } from './client-settings.ts'

export const openSentMail = (context: CloudContext) => createSentMail({ ...tables(context), now: context.clocks.wall })

export const openMailer = (context: CloudContext) =>
  createSesMailer({
    client: new SESv2Client(clientSettings),
    from: context.variable('MAIL_FROM'),
    configurationSet: context.variable('MAIL_CONFIGURATION'),
    sent: openSentMail(context),
    now: context.clocks.wall,
    log: context.log,
  })
