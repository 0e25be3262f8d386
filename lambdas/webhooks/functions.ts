import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents, onOwnersEvents, onPayingOperations } from '../_runtime/patterns.ts'
import { webhookEndpointOperations } from './operations.ts'
import { webhookSources } from './webhook-types.ts'

export { access } from './access.ts'

// What others are told.

const deliver = async () => (await import('./deliver-webhooks.ts')).deliverWebhooks

/** It alone connects to addresses that somebody typed in. It can change no site. */
export const sendWebhooks = defineFunction({
  name: 'send-webhooks',
  triggers: [
    { events: onEvents(...webhookSources('account')), run: deliver },
    { events: onOwnersEvents(...webhookSources('site').filter((type) => type !== 'SiteOperationBegun')), run: deliver },
    { events: onPayingOperations, run: deliver },
    { everyMinutes: 1, startsLater: true, run: async () => (await import('./deliver-webhooks.ts')).sendDueWebhooks },
  ],
  uses: ['webhooks:send', 'sites:read', 'accounts:read', 'mail:send'],
  timeout: 300,
  alarm: { feels: 'Systems that get webhooks, such as a CRM, learn of sign-ups and payments late.', tolerated: 2 },
})

/** Apart from the other operations of staff: it can derive the secrets of endpoints. */
export const webhookApi = defineFunction({
  name: 'webhook-api',
  triggers: [
    {
      operations: Object.values(webhookEndpointOperations),
      answers: async () => (await import('./operations.ts')).webhookEndpointAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: ['operators:verify', 'audit:append', 'refusals:count', 'webhooks:manage'],
  timeout: 15,
  alarm: { feels: 'Staff cannot manage webhooks.', tolerated: 0 },
})
