import { gives, items, itemsBelow, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents } from '../_runtime/patterns.ts'
import { siteBillingOperations } from '../operators/insight-operations.ts'
import { webhookOperations } from './webhook-operations.ts'

// Payments: what Stripe reports is recorded, converged onto sites, and reconciled twice a day.

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

export const stripeWebhook = defineFunction({
  name: 'stripe-webhook',
  triggers: [
    {
      operations: Object.values(webhookOperations),
      answers: async () => (await import('./webhook-operations.ts')).webhookAnswers,
      run: async () => (await import('./webhook-api.ts')).create,
    },
  ],
  uses: ['payments:note'],
  processesReserved: 10,
  // Stripe waits some seconds and then sends the event again.
  timeout: 10,
  alarm: { feels: 'Payments reach their sites late: Stripe retries for three days.', tolerated: 2 },
})

export const convergeBilling = defineFunction({
  name: 'converge-billing',
  triggers: [
    {
      // Triggers: Stripe's events, owners' changes of a renewal (a restore may be one), closed accounts, and the end of operations that a payment had to wait for.
      events: onEvents(
        'PaymentNoticed',
        'SiteSuspended',
        'SiteDeletionRequested',
        'SiteDeletionRevoked',
        'SiteResumed',
        'SiteRestored',
        'SitePurged',
        'RelocationConfirmed',
        'AccountClosed',
        'AccountErased',
      ),
      run: async () => (await import('./converge-site.ts')).handleBillingEvent,
    },
    {
      // No payment waits for a sleep, a dormancy or a wake, and they are many.
      events: {
        ...onEvents('SiteOperationBegun', 'SiteOperationEnded'),
        detail: { data: { operation: [{ 'anything-but': ['sleep', 'dormancy', 'wake'] }] } },
      },
      run: async () => (await import('./converge-site.ts')).handleBillingEvent,
    },
  ],
  uses: ['sites:read', 'sites:write', 'accounts:read', 'payments:call', 'customers:redact', 'workflows:start'],
  // Each process has a budget of its own for retries at Stripe.
  processesAtMost: 4,
  timeout: 120,
  alarm: { feels: 'A site that was paid for does not get its plan, or gets it late.', tolerated: 2 },
})

export const reconcileBilling = defineFunction({
  name: 'reconcile-billing',
  triggers: [
    {
      // Twice a day: its alarm covers one day at most.
      everyMinutes: 720,
      wokenBy: onEvents('BillingReconciliationRequested'),
      startsLater: true,
      run: async () => (await import('./reconciliation/run-reconciliation.ts')).reconcileAndRedact,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'accounts:read',
    'payments:call',
    'customers:redact',
    'workflows:start',
    'reconciliations:read',
    'reconciliations:write',
  ],
  oneAtATime: true,
  timeout: 900,
  alarm: { feels: 'Nothing yet; payments whose events were lost are not corrected.', tolerated: 0 },
})

/** Apart from the other operations: no function both decides and has the key of Stripe. */
export const siteBillingApi = defineFunction({
  name: 'site-billing-api',
  triggers: [
    {
      operations: Object.values(siteBillingOperations),
      answers: async () => (await import('../operators/insight-answers.ts')).insightAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: ['operators:verify', 'audit:append', 'refusals:count', 'sites:read', 'accounts:read', 'payments:call'],
  timeout: 29,
  alarm: { feels: 'Staff cannot see the billing of sites.', tolerated: 0 },
})
