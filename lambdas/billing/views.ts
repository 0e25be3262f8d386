import type * as z from 'zod'
import type { reconciliationViewSchema } from './answers.ts'
import type { ReconciliationState } from './ports.ts'
import { isReconciliationWaiting } from './reconciliation/run-reconciliation.ts'

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

export const reconciliationView = (state: ReconciliationState): z.input<typeof reconciliationViewSchema> => {
  const { request } = state
  const waiting = isReconciliationWaiting(state)
  return {
    request: request === undefined ? null : { at: request.at, actor: request.actor, reason: request.reason, waiting },
    attempt: attemptView(state),
    report: reportView(state),
  }
}
