import { items, itemsBelow, type PortsIn, type TableAccesses, type Writing } from '../../adapters/dynamodb/access.ts'

const paymentNotices = async (writing: Writing) => (await import('./store.ts')).createPaymentNotices(writing)
const reconciliations = async (writing: Writing) =>
  (await import('./reconciliation/store.ts')).createBillingReconciliations(writing)

export const access = {
  // Each event of Stripe, and our own event about it.
  'payments:note': { ports: { paymentNotices }, items: [items('main', ['PutItem'], 'PAYMENT')] },
  // A request for a reconciliation is written with its event; its requester may not write the report.
  'reconciliations:read': {
    ports: { reconciliations },
    items: [items('main', ['GetItem'], 'RECONCILIATION'), itemsBelow('main', ['GetItem'], 'BILLING-REPORT')],
  },
  'reconciliations:request': { ports: { reconciliations }, items: [items('main', ['PutItem'], 'RECONCILIATION')] },
  'reconciliations:write': {
    ports: { reconciliations },
    items: [itemsBelow('main', ['UpdateItem'], 'BILLING-REPORT')],
  },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
