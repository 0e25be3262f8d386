import { SitewrightError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/events/actor.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import type { Context } from '../../../core/ports/context.ts'
import { conflict, retryOnConflict } from '../../../core/retry-on-conflict.ts'
import { eventHead } from '../../../core/site/lifecycle.ts'
import { type RedactCustomersPorts, redactCustomers } from '../../accounts/erase-people.ts'
import type { BillingReconciliations, ReconciliationState } from '../ports.ts'
import { type BillingReport, listed, type ReconciliationRequest } from './billing-report.ts'
import { type BillingDrift, type ReconcileBillingPorts, reconcileBilling } from './reconcile-billing.ts'

export interface RunReconciliationPorts extends ReconcileBillingPorts {
  readonly reconciliations: Omit<BillingReconciliations, 'request'>
}

const reportOf = (
  { subscriptions, revenue, ...lists }: BillingDrift,
  run: Pick<BillingReport, 'run' | 'beganAt' | 'endedAt' | 'answers'>,
): BillingReport => ({
  schemaVersion: 1,
  ...run,
  subscriptions,
  repaired: listed(lists.repaired),
  withoutSite: listed(lists.withoutSite),
  withoutSubscription: listed(lists.withoutSubscription),
  byArrangement: listed(lists.byArrangement),
  disputed: listed(lists.disputed),
  unreturned: listed(lists.unreturned),
  refused: listed(lists.refused),
  unusual: listed(lists.unusual),
  left: listed(lists.left),
  revenue,
})

const noteFailure = async (
  { reconciliations, clocks, log }: RunReconciliationPorts,
  run: number,
  error: unknown,
): Promise<void> => {
  const word = error instanceof SitewrightError ? error.kind : 'Unexpected'
  try {
    await reconciliations.fail(run, { at: clocks.wall(), error: word })
  } catch (unnoted) {
    // The first error is the one to report.
    log.warn(
      { event: 'reconciliation-failure-unrecorded', run, err: unnoted },
      'the failure of a reconciliation could not be recorded',
    )
  }
}

/**
 * Reconciles billing and stores the report for operators. A failed run keeps the latest report.
 * @param why.isAsked an operator requested it: an answered request is skipped, because events repeat.
 * @throws {SitewrightError} `Unavailable` if Stripe cannot be asked, or if sites are left at the end.
 */
export const runReconciliation = async (
  ports: RunReconciliationPorts,
  why: { readonly isAsked: boolean; readonly causationId: string },
): Promise<void> => {
  const { reconciliations, clocks, log } = ports
  const before = await reconciliations.read()
  if (why.isAsked && !isReconciliationWaiting(before)) {
    log.info({ answered: before.request?.version }, 'the requested reconciliation was done before')
    return
  }
  const beganAt = clocks.wall()
  const run = await reconciliations.begin(beganAt)
  let drift: BillingDrift
  try {
    drift = await reconcileBilling(ports, why.causationId)
    const answers = before.request?.version ?? 0
    await reconciliations.finish(reportOf(drift, { run, beganAt, endedAt: clocks.wall(), answers }))
  } catch (error) {
    await noteFailure(ports, run, error)
    throw error
  }
  if (drift.left.length > 0) {
    throw new SitewrightError(
      'Unavailable',
      `The billing of these sites could not be reconciled: ${drift.left.join(', ')}`,
    )
  }
}

/** Reconciles, and redacts customers of erased accounts. `request` is an operator's; without one the clock calls. */
export const reconcileAndRedact = async (
  ports: RunReconciliationPorts & RedactCustomersPorts,
  causationId: string,
  request?: DomainEvent,
): Promise<void> => {
  try {
    await runReconciliation(ports, { isAsked: request !== undefined, causationId })
  } finally {
    await redactCustomers(ports)
  }
}

/** Whether a request was made after the latest complete run began. */
export const isReconciliationWaiting = ({ request, report }: ReconciliationState): boolean =>
  request !== undefined && request.version > (report?.answers ?? 0)

export interface RequestReconciliationPorts extends Pick<Context, 'clocks' | 'randomness'> {
  readonly reconciliations: Pick<BillingReconciliations, 'read' | 'request'>
}

/**
 * Requests a reconciliation; an event starts it. One run answers all waiting requests.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const requestReconciliation = async (
  ports: RequestReconciliationPorts,
  { causationId, ...said }: { readonly actor: Actor; readonly reason: string; readonly causationId: string },
): Promise<ReconciliationRequest> =>
  retryOnConflict('The request', async () => {
    const { request: before } = await ports.reconciliations.read()
    const version = (before?.version ?? 0) + 1
    const request: ReconciliationRequest = { schemaVersion: 1, version, at: ports.clocks.wall(), ...said }
    const done = await ports.reconciliations.request(request, {
      ...eventHead({ ...ports, actor: said.actor, causationId }),
      type: 'BillingReconciliationRequested',
      aggregate: { type: 'reconciliation', id: 'billing' },
      version,
      data: { reason: said.reason },
    })
    return done ? request : conflict
  })
