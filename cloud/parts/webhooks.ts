import { createWebhookSecrets } from '../../adapters/derived-secrets/derive-secret.ts'
import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import { createWebhookSender } from '../../adapters/webhooks/webhook-sender.ts'
import type { CloudContext } from '../context.ts'

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
