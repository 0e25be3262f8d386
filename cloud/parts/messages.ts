import { SESv2Client } from '@aws-sdk/client-sesv2'
import { createProofOfWork } from '../../adapters/altcha/proof-of-work.ts'
import { createWebhookSecrets, proofSecrets } from '../../adapters/derived-secrets/derive-secret.ts'
import { freeMailDomains } from '../../adapters/free-mail/free-mail-domains.ts'
import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import { createSentMail, createSesMailer } from '../../adapters/ses/ses-mailer.ts'
import { createWebhookSender } from '../../adapters/webhooks/webhook-sender.ts'
import type { AbusePolicy } from '../../lambdas/signup/abuse/abuse-policy.ts'
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

/** The known domains of disposable mailboxes: 200 KB, read only if they are refused. */
const disposableDomainsOf = async ({ refuseDisposableMail }: AbusePolicy): Promise<ReadonlySet<string>> => {
  if (!refuseDisposableMail) return new Set()
  const { knownDisposableDomains } = await import('../../adapters/disposable-mail/known-disposable-domains.ts')
  return knownDisposableDomains()
}

/** @param codeSecret keys the hashes of mailed codes and the challenges of the proof of work. */
export const openSignups = async (context: CloudContext, codeSecret: string) => ({
  codeSecret,
  freeMailDomains,
  disposableDomains: await disposableDomainsOf(context.abuse),
  proofOfWork: createProofOfWork({ ...proofSecrets({ codePepper: codeSecret }), ...context.abuse.proofOfWork }),
})

type Reading = Pick<Secrets, 'valueOf'>

const openSecrets = async (context: CloudContext, secrets: Reading) =>
  createWebhookSecrets(await secrets.valueOf(context.variable('WEBHOOK_SECRET')))

/** On AWS all endpoints are public. */
export const openWebhookManagement = async (context: CloudContext, secrets: Reading) => ({
  webhookSecrets: await openSecrets(context, secrets),
  webhookHosts: [],
})

export const openWebhookSending = async (context: CloudContext, secrets: Reading) => ({
  webhookSender: createWebhookSender({ secrets: await openSecrets(context, secrets) }),
})
