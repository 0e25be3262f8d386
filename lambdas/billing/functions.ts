import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents, onFailedWakes, onOwnersEvents } from '../_runtime/patterns.ts'
import { webhookOperations } from './webhook-operations.ts'

// Payments: what Stripe reports is recorded, converged onto sites, and reconciled twice a day. Mail tells owners of it and of all else that happens to their sites.

export const stripeWebhook = defineFunction({
  name: 'stripe-webhook',
  triggers: [
    {
      operations: Object.values(webhookOperations),
      run: async () =>
        (await import('../_runtime/webhook-handler.ts')).webhookHandler(
          webhookOperations.receiveStripeEvent,
          (await import('./receive-stripe-event.ts')).receiveStripeEvent,
        ),
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
        'AccountClosed',
        'AccountErased',
      ),
      run: async () => (await import('./handle-billing-event.ts')).handleBillingEvent,
    },
    {
      // No payment waits for a sleep, a dormancy or a wake, and they are many.
      events: {
        ...onEvents('SiteOperationBegun', 'SiteOperationEnded'),
        detail: { data: { operation: [{ 'anything-but': ['sleep', 'dormancy', 'wake'] }] } },
      },
      run: async () => (await import('./handle-billing-event.ts')).handleBillingEvent,
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

export const mailOwner = defineFunction({
  name: 'mail-owner',
  triggers: [
    {
      events: onOwnersEvents(
        'SiteClaimed',
        'PreparedSiteClaimed',
        'SiteRequested',
        'SiteFailed',
        'SiteReminded',
        'SiteSuspended',
        'SiteArchived',
        'SiteWarned',
        'SitePurged',
        'SiteRestored',
        'TrialExtended',
        'SiteDeletionRequested',
        'SiteStorageNoted',
        'SiteDown',
        'SiteBillingChanged',
        'SitePlanChanged',
        'SiteResumed',
        'SitePaymentReturned',
        'SiteSupportEntered',
      ),
      run: async () => (await import('../sites/mail-owner.ts')).mailOwner,
    },
    { events: onFailedWakes, run: async () => (await import('../sites/mail-owner.ts')).mailOwner },
  ],
  uses: ['sites:read', 'accounts:read', 'mail:send'],
  timeout: 30,
  alarm: { feels: 'Owners do not get the mail about their site.', tolerated: 2 },
})
