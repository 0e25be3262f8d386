import type { ReconcileBillingPorts } from '../../core/billing/reconcile-billing.ts'
import { reconcileBilling } from '../../core/billing/reconcile-billing.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: ReconcileBillingPorts) =>
  scheduleHandler('reconcile-billing', ports.log, (causationId) => reconcileBilling(ports, causationId))
