import { createWebhookSecrets } from '../../adapters/derived-secrets/derive-secret.ts'
import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import { createWebhookSender } from '../../adapters/webhooks/webhook-sender.ts'
import { createWebhookDeliveries, createWebhookEndpoints, createWebhookLog } from '../../lambdas/webhooks/store.ts'
import { type CloudContext, tables } from '../context.ts'

type Reading = Pick<Secrets, 'valueOf'>

const open = async (context: CloudContext, secrets: Reading) => ({
  webhookEndpoints: createWebhookEndpoints(tables(context)),
  webhookDeliveries: createWebhookDeliveries(tables(context)),
  webhookLog: createWebhookLog(tables(context)),
  webhookSecrets: createWebhookSecrets(await secrets.valueOf(context.variable('WEBHOOK_SECRET'))),
})

/** On AWS all endpoints are public. */
export const openWebhookManagement = async (context: CloudContext, secrets: Reading) => ({
  ...(await open(context, secrets)),
  webhookHosts: [],
})

export const openWebhookSending = async (context: CloudContext, secrets: Reading) => {
  const { webhookSecrets, ...stores } = await open(context, secrets)
  return { ...stores, webhookSender: createWebhookSender({ secrets: webhookSecrets }) }
}
