import type { BillingReport } from '../billing/billing-report.ts'
import type { ReconciliationAttempt } from '../billing/reconciliation-attempt.ts'
import type { ReconciliationRequest } from '../billing/reconciliation-request.ts'
import type { ReconciliationEvent } from '../events/event.ts'
import type { Instant } from '../instant.ts'

/** What is known of reconciling billing; nothing where it never was. */
export interface ReconciliationState {
  readonly request?: ReconciliationRequest
  readonly attempt?: ReconciliationAttempt
  readonly report?: BillingReport
}

/** Who asked for billing to be reconciled, and what came of it last. */
export interface BillingReconciliations {
  /** Strongly consistent. */
  readonly read: () => Promise<ReconciliationState>
  /**
   * Keeps a request and the event about it, in one transaction.
   * @returns false where another request of this version was made meanwhile.
   */
  readonly request: (request: ReconciliationRequest, event: ReconciliationEvent) => Promise<boolean>
  /** Notes that one begins. The last report stays. @returns its number, higher than that of every one before. */
  readonly begin: (beganAt: Instant) => Promise<number>
  /** Notes that one failed, unless another has begun since. The last report stays. */
  readonly fail: (run: number, failure: NonNullable<ReconciliationAttempt['failure']>) => Promise<void>
  /** Replaces the last report, unless that is of a later run. */
  readonly finish: (report: BillingReport) => Promise<void>
}
