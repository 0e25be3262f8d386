import { SitewrightError } from '../../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Size } from '../../../core/plan/plan.ts'
import type { HealthProbe } from '../../../core/ports/probes.ts'
import type { SiteCommands } from '../../../core/ports/runtime.ts'
import type { Cause } from '../../../core/site/causes.ts'
import {
  attemptContext,
  commitOrRepeat,
  downAfter,
  type ReclaimPorts,
  requireOperation,
} from '../../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { type Endpoint, placeOf } from '../../../core/site/location.ts'
import { isPlanChange, type OperationAttempt, type OperationOf } from '../../../core/site/operation.ts'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import { isOwnersFailure } from '../../deployments/deployment.ts'
import { givenUpBefore } from '../../endings/fail-operation.ts'
import { afterFailedSwitch } from '../../relocations/switch-sides.ts'
import { type KeepEvidencePorts, keepEvidence } from '../../sites/evidence/keep-evidence.ts'
import { type LaunchPorts, launchOf } from '../../sites/run/prepare-launch.ts'
import { endCommand, nextCommand } from '../../sites/run/run-command.ts'
import { isMoved, type SwappingSite, targetOf } from './swap-changes.ts'
import { answerOf, nextLaunch, type SwapPorts, startWhileActive } from './swap-site.ts'

interface Abort {
  readonly because: string
  readonly cause?: Cause | undefined
  /** When a sweep retries a plan's size. */
  readonly notBefore: Instant
}

/**
 * What the record keeps of a failure. No roll-out wanted a restore or another blueprint, so what it says of the last upgrade stays. A version that
 * was assigned, and that something else began, is no failure of its roll-out: a retry finds the site.
 */
const failedAfter = (
  { operation, blueprint, cell }: SwappingSite,
  { because, cause, notBefore }: Abort,
  { clocks }: ChangeContext,
): Pick<ActiveSite, 'planNotBefore' | 'failedUpgrade' | 'failedMove'> => {
  const { target, copy, relocates, isAssigned } = operation
  const atWake = isAssigned ? undefined : operation.atWake
  if (isPlanChange(operation)) return { planNotBefore: notBefore }
  const at = clocks.wall()
  const move = target.cell !== undefined && !relocates ? { failedMove: { from: cell, because, at } } : undefined
  if (move && !isAssigned) return move
  if (relocates || target.blueprint?.name !== blueprint.name || copy?.restores !== undefined) return { ...move }
  const { version: to } = target.blueprint
  return { ...move, failedUpgrade: { to, because, at, ...(cause && { cause }), ...(atWake && { atWake }) } }
}

/** Raises the fence, so that the attempt stops, and keeps what the site was. */
export const abortSwap = (site: SwappingSite, abort: Abort, context: ChangeContext): SiteChange<SwappingSite> => {
  const { because } = abort
  const operation: OperationOf<'upgrade'> = {
    ...site.operation,
    fence: site.operation.fence + 1,
    startedAt: context.clocks.wall(),
    ending: { outcome: 'failed', because },
  }
  const failed = { ...failedAfter(site, abort, context), ...afterFailedSwitch(site, because) }
  const after = { ...site, ...failed, operation }
  const details = { operation: operation.kind, outcome: 'given-up', because }
  return siteChange({ transition: 'retryOperation', before: site, after, details }, context)
}

/** @param started absent for a site whose cell is lost: there is nothing to go back to. */
export const endAbortedSwap = (
  site: SwappingSite,
  started: { readonly endpoint: Endpoint; readonly size: Size } | Record<never, never>,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { operation, ...kept } = site
  const stands: ActiveSite = { ...kept, ...started }
  const after = { ...stands, ...downAfter(stands, context) }
  const restores = operation.copy?.restores
  const because = operation.ending?.because ?? ''
  const details = { operation: operation.kind, outcome: 'failed', because, ...(restores && { restores }) }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}

/** In milliseconds. */
const failureReprieve = 60 * 60_000

const requireFailing = (found: Site | undefined, attempt: OperationAttempt): SwappingSite => {
  const before = givenUpBefore(found, attempt)
  const raised = before === undefined ? attempt : { ...attempt, fence: attempt.fence + 1 }
  const site = requireOperation(found, raised, 'upgrade')
  if (site.status === 'active') return site
  throw new SitewrightError('OperationSuperseded', `${site.id} does not run.`)
}

const abort = async (
  ports: SwapPorts & KeepEvidencePorts,
  site: SwappingSite,
  attempt: OperationAttempt,
  because: string,
) => {
  if (site.operation.ending !== undefined) return site
  const failure = {
    id: `${attempt.operationId}-${attempt.fence}`,
    during: isPlanChange(site.operation) ? ('resize' as const) : site.operation.kind,
    error: because,
  }
  const found = await keepEvidence(ports, targetOf(site), failure, () => nextLaunch(ports, site))
  ports.log.error(
    { event: 'operation-failed', siteId: site.id, operation: site.operation.kind, error: because, cause: found?.cause },
    'an operation failed',
  )
  const notBefore = plusMilliseconds(ports.clocks.wall(), failureReprieve)
  const change = abortSwap(site, { because, cause: found?.cause, notBefore }, attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  return change.after
}

/** Ends a release command that may still run: nobody would look at its time any more, and the former version cannot start beside it. */
const endDueCommand = async (
  ports: LaunchPorts & Pick<ReclaimPorts, 'log'> & { readonly runtime: SiteCommands },
  site: SwappingSite,
  attempt: OperationAttempt,
): Promise<void> => {
  try {
    const next = await nextLaunch(ports, site)
    const command = nextCommand(site.operation, next)
    if (command !== undefined) await endCommand(ports.runtime, attempt, next, command)
  } catch (error) {
    // The start finds out whether it matters.
    ports.log.warn({ siteId: site.id, err: error }, 'the command of an upgrade could not be ended')
  }
}

/**
 * Abandons an upgrade: the site runs as before, on its former data and in its former cell. A sweep retries a plan's size in an hour, a
 * change of plan at once.
 * @returns whether the owner has to repair it; operators get no alarm then.
 * @throws {SitewrightError} `OperationSuperseded`; `SiteNotReady` until it answers; `Unavailable` if the target is
 *   committed: a sweep continues it.
 */
export const failSwap = async (
  ports: SwapPorts & KeepEvidencePorts & { readonly probe: HealthProbe; readonly runtime: SiteCommands },
  attempt: OperationAttempt,
  errorName: string,
): Promise<{ readonly isOwners: boolean }> => {
  const found = requireFailing(await ports.sites.get(attempt.siteId), attempt)
  if (isMoved(found)) throw new SitewrightError('Unavailable', `${found.id} was swapped; the old task must end.`)
  const site = await abort(ports, found, attempt, errorName)
  await endDueCommand(ports, site, attempt)
  const next = targetOf(site)
  if (next.cell !== site.cell) await ports.runtime.remove(placeOf(next))
  const failure = { isOwners: !isPlanChange(site.operation) && isOwnersFailure(next, errorName) }
  if (site.operation.copy?.isLost) {
    await commitOrRepeat(ports, endAbortedSwap(site, {}, attemptContext(ports, attempt)))
    return failure
  }
  const launch = await launchOf(ports, site)
  await startWhileActive(ports, site, launch, ports.runtime.start)
  const { size } = launch
  const endpoint = await answerOf(ports, launch)
  await commitOrRepeat(ports, endAbortedSwap(site, { endpoint, size }, attemptContext(ports, attempt)))
  return failure
}
