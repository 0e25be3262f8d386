import { gives, items, itemsBelow, only, type PortsIn, query, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents, onOwnersEvents, onPayingOperations } from '../_runtime/patterns.ts'
import { webhookEndpointOperations } from './operations.ts'
import { webhookSources } from './webhook-types.ts'

// What others are told.

const webhookEndpoints = async (writing: Writing) => (await import('./store.ts')).createWebhookEndpoints(writing)
const webhookDeliveries = async (writing: Writing) => (await import('./store.ts')).createWebhookDeliveries(writing)
const webhookLog = async (writing: Writing) => (await import('./store.ts')).createWebhookLog(writing)

/** Deliveries are in the main table, their log in the short one. */
export const access = {
  'webhooks:manage': gives(
    {
      webhookEndpoints,
      webhookDeliveries: only(webhookDeliveries, 'requeue'),
      webhookLog: only(webhookLog, 'find', 'page'),
    },
    itemsBelow('main', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'WEBHOOKS'),
    items('main', ['PutItem'], 'WEBHOOK'),
    items('short', ['GetItem', 'Query'], 'WEBHOOK'),
  ),
  'webhooks:send': gives(
    {
      webhookEndpoints: only(webhookEndpoints, 'list', 'read', 'write'),
      webhookDeliveries,
      webhookLog: only(webhookLog, 'append', 'page'),
    },
    itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'WEBHOOKS'),
    items('main', ['PutItem', 'DeleteItem'], 'WEBHOOK'),
    items('short', ['Query', 'PutItem'], 'WEBHOOK'),
    query(['due'], 'DUE#webhook'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

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
