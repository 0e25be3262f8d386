import type { ReconciliationState } from '../ports/billing.ts'

/** Whether somebody has asked for billing to be reconciled after the last run that came to its end had begun. */
export const isReconciliationWaiting = ({ request, report }: ReconciliationState): boolean =>
  request !== undefined && request.version > (report?.answers ?? 0)
