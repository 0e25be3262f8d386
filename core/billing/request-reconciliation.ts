import { SitewrightError } from '../errors.ts'
import type { Actor } from '../events/event.ts'
import type { BillingReconciliations } from '../ports/billing.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import type { ReconciliationRequest } from './reconciliation-request.ts'

export interface RequestReconciliationPorts {
  readonly reconciliations: Pick<BillingReconciliations, 'read' | 'request'>
  readonly clocks: Clocks
  readonly randomness: Randomness
}

const attempts = 6

/**
 * Asks for billing to be reconciled; whoever hears of it does so. Several requests that wait are answered by one run.
 * @throws {SitewrightError} `VersionConflict` where others go on asking at the same moment.
 */
export const requestReconciliation = async (
  { reconciliations, clocks, randomness }: RequestReconciliationPorts,
  { causationId, ...said }: { readonly actor: Actor; readonly reason: string; readonly causationId: string },
): Promise<ReconciliationRequest> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { request: before } = await reconciliations.read()
    const version = (before?.version ?? 0) + 1
    const request: ReconciliationRequest = { schemaVersion: 1, version, at: clocks.wall(), ...said }
    const done = await reconciliations.request(request, {
      schemaVersion: 1,
      id: randomness.id('evt'),
      type: 'BillingReconciliationRequested',
      aggregate: { type: 'reconciliation', id: 'billing' },
      version,
      at: clocks.domain(),
      actor: said.actor,
      causationId,
      data: { reason: said.reason },
    })
    if (done) return request
  }
  throw new SitewrightError('VersionConflict', 'Somebody else is asking for this at the moment. Try again.')
}
