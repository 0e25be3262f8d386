import type * as z from 'zod'
import type { RequestReconciliationPorts } from '../../core/billing/reconciliation/run-reconciliation.ts'
import { isReconciliationWaiting, requestReconciliation } from '../../core/billing/reconciliation/run-reconciliation.ts'
import type { ReconciliationState } from '../../core/ports/billing.ts'
import type { OperatorAuthenticationPorts } from '../_runtime/authenticate-operator.ts'
import type { HttpRoute } from '../_runtime/endpoint.ts'
import { operatorEndpoint } from '../_runtime/endpoint.ts'
import { controlOperations as operations } from './control-operations.ts'
import type { reconciliationViewSchema } from './reconciliation-view-schema.ts'

export interface OperatorBillingPorts extends RequestReconciliationPorts, OperatorAuthenticationPorts {}

const attemptView = ({ attempt, report }: ReconciliationState) => {
  if (attempt === undefined || attempt.run <= (report?.run ?? 0)) return null
  const { beganAt, failure } = attempt
  return { beganAt, failedAt: failure?.at ?? null, error: failure?.error ?? null }
}

const reportView = ({ report }: ReconciliationState) => {
  if (report === undefined) return null
  const { schemaVersion: _, run: __, answers: ___, ...found } = report
  return found
}

const view = (state: ReconciliationState): z.input<typeof reconciliationViewSchema> => {
  const { request } = state
  const waiting = isReconciliationWaiting(state)
  return {
    request: request === undefined ? null : { at: request.at, actor: request.actor, reason: request.reason, waiting },
    attempt: attemptView(state),
    report: reportView(state),
  }
}

/** What operators are told of billing as a whole, and may ask for. */
export const billingControlRoutes = (ports: OperatorBillingPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorGetBilling, ports, async () => ({
    status: 200,
    body: view(await ports.reconciliations.read()),
  })),
  operatorEndpoint(operations.operatorReconcileBilling, ports, async ({ body }, { operator, requestId }) => {
    const { operatorId, role } = operator
    await requestReconciliation(ports, {
      actor: { kind: 'operator', operatorId, role },
      reason: body.reason,
      causationId: requestId,
    })
    return { status: 202, body: view(await ports.reconciliations.read()) }
  }),
]
