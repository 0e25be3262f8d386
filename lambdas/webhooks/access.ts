import { gives, items, itemsBelow, only, type PortsIn, query, type Writing } from '../../adapters/dynamodb/access.ts'

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
