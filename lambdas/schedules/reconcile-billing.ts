import * as z from 'zod'
import type { RunReconciliationPorts } from '../../core/billing/reconciliation/run-reconciliation.ts'
import { runReconciliation } from '../../core/billing/reconciliation/run-reconciliation.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

/** Of an operator, who has been written down before. */
const wishSchema = z.object({
  'detail-type': z.literal('BillingReconciliationRequested'),
  detail: z.object({ id: z.string() }),
})

export const create = (ports: RunReconciliationPorts) =>
  scheduleHandler('reconcile-billing', ports.log, (tickId, tick) => {
    const { success: isAsked, data: wish } = wishSchema.safeParse(tick)
    return runReconciliation(ports, { isAsked, causationId: wish?.detail.id ?? tickId })
  })
