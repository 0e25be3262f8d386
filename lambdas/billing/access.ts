import { gives, items, itemsBelow, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'

const paymentNotices = async (writing: Writing) => (await import('./store.ts')).createPaymentNotices(writing)
const reconciliations = async (writing: Writing) =>
  (await import('./reconciliation/store.ts')).createBillingReconciliations(writing)

export const access = {
  // Each event of Stripe, and our own event about it.
  'payments:note': gives({ paymentNotices }, items('main', ['PutItem'], 'PAYMENT')),
  // A request for a reconciliation is written with its event; its requester may not write the report.
  'reconciliations:read': gives(
    { reconciliations },
    items('main', ['GetItem'], 'RECONCILIATION'),
    itemsBelow('main', ['GetItem'], 'BILLING-REPORT'),
  ),
  'reconciliations:request': gives({ reconciliations }, items('main', ['PutItem'], 'RECONCILIATION')),
  'reconciliations:write': gives({ reconciliations }, itemsBelow('main', ['UpdateItem'], 'BILLING-REPORT')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
