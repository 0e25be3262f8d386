import { createWebhookSecrets, webhookKeyOf } from '../adapters/derived-secrets/derive-secret.ts'
import { createWebhookSender } from '../adapters/webhooks/webhook-sender.ts'
import type { PortsOf } from '../lambdas/_runtime/ports.ts'
import type { HostSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'

type Webhooks = Pick<PortsOf['webhooks:manage'], 'webhookSecrets' | 'webhookHosts'> &
  Pick<PortsOf['webhooks:send'], 'webhookSender'>

/** What sends webhooks from this machine; hosts on it, or beside it, only where the settings name them. */
export const openWebhooks = (
  { webhookHosts }: Pick<Settings, 'webhookHosts'>,
  hostSecrets: Pick<HostSecrets, 'siteSecretKey'>,
): Webhooks => {
  const webhookSecrets = createWebhookSecrets(webhookKeyOf(hostSecrets))
  const webhookSender = createWebhookSender({ secrets: webhookSecrets, allowedHosts: webhookHosts })
  return { webhookSecrets, webhookHosts, webhookSender }
}
