import { SESv2Client } from '@aws-sdk/client-sesv2'
import { createProofOfWork } from '../../adapters/altcha/proof-of-work.ts'
import { createWebhookSecrets, proofSecrets } from '../../adapters/derived-secrets/derive-secret.ts'
import { freeMailDomains } from '../../adapters/free-mail/free-mail-domains.ts'
import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import { createMailOutcomes } from '../../adapters/ses/mail-outcomes.ts'
import { createSentMail, createSesMailer } from '../../adapters/ses/ses-mailer.ts'
import { createWebhookSender } from '../../adapters/webhooks/webhook-sender.ts'
import type { AbusePolicy } from '../../lambdas/signup/abuse/abuse-policy.ts'
import type { ProofOfWork } from '../../lambdas/signup/abuse/admit-signup.ts'
import type { WebhookSecrets } from '../../lambdas/webhooks/webhook.ts'
import { type CloudContext, tables } from '../context.ts'
import { clientSettings } from './client-settings.ts'
import { openCodeSecret } from './rotated-secrets.ts'

export const openSentMail = (context: CloudContext) => createSentMail({ ...tables(context), now: context.clocks.wall })

export const openMailer = (context: CloudContext) => {
  const { log } = context
  const sent = openSentMail(context)
  const mailer = createSesMailer({
    client: new SESv2Client(clientSettings),
    from: context.variable('MAIL_FROM'),
    replyTo: context.contact,
    configurationSet: context.variable('MAIL_CONFIGURATION'),
    sent,
    now: context.clocks.wall,
    log,
  })
  return { mailer, noteMailOutcome: createMailOutcomes({ sent, log }) }
}

/** The known domains of disposable mailboxes: 200 KB, read only if they are refused. */
const disposableDomainsOf = async ({ refuseDisposableMail }: AbusePolicy): Promise<ReadonlySet<string>> => {
  if (!refuseDisposableMail) return new Set()
  const { knownDisposableDomains } = await import('../../adapters/disposable-mail/known-disposable-domains.ts')
  return knownDisposableDomains()
}

type Reading = Pick<Secrets, 'valueOf'>

/** One secret keys the hashes of mailed codes and the challenges of the proof of work. */
export const openSignups = async (context: Pick<CloudContext, 'abuse' | 'log' | 'variable'>, secrets: Reading) => {
  const codeSecret = await openCodeSecret(context, secrets)
  const current = async () =>
    createProofOfWork({ ...proofSecrets({ codePepper: await codeSecret() }), ...context.abuse.proofOfWork })
  const proofOfWork: ProofOfWork = {
    challenge: async (expiresAt, difficulty) => (await current()).challenge(expiresAt, difficulty),
    isSolved: async (proof) => (await current()).isSolved(proof),
  }
  return { codeSecret, freeMailDomains, disposableDomains: await disposableDomainsOf(context.abuse), proofOfWork }
}

/** Each call reads the key: it may have been rotated. */
const openSecrets = (context: Pick<CloudContext, 'variable'>, secrets: Reading): WebhookSecrets => ({
  valueOf: async (endpointId, number) =>
    createWebhookSecrets(await secrets.valueOf(context.variable('WEBHOOK_SECRET'))).valueOf(endpointId, number),
})

/** On AWS all endpoints are public. */
export const openWebhookManagement = (context: Pick<CloudContext, 'variable'>, secrets: Reading) => ({
  webhookSecrets: openSecrets(context, secrets),
  webhookHosts: [],
})

export const openWebhookSending = (context: CloudContext, secrets: Reading) => ({
  webhookSender: createWebhookSender({ secrets: openSecrets(context, secrets) }),
})
