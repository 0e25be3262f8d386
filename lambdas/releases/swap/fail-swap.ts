import { SitewrightError } from '../../../core/errors.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { HealthProbe } from '../../../core/ports/probes.ts'
import type { SiteCommands } from '../../../core/ports/runtime.ts'
import { placeOf } from '../../../core/site/location.ts'
import { isPlanChange, type OperationAttempt } from '../../../core/site/operation.ts'
import {
  attemptContext,
  commitOrRepeat,
  type ReclaimPorts,
  requireOperation,
} from '../../../core/site/operation-changes.ts'
import { isOwnersFailure } from '../../../core/site/ownership.ts'
import type { Site } from '../../../core/site/site.ts'
import { givenUpBefore } from '../../endings/fail-operation.ts'
import { type KeepEvidencePorts, keepEvidence } from '../../sites/evidence/keep-evidence.ts'
import { type LaunchPorts, launchOf } from '../../sites/run/prepare-launch.ts'
import { endCommand } from '../../sites/run/run-command.ts'
import { abortSwap, endAbortedSwap, isMoved, type SwappingSite, targetOf } from './swap-changes.ts'
import { answerOf, nextCommand, nextLaunch, type SwapPorts, startWhileActive } from './swap-site.ts'

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
  const failure = { isOwners: !isPlanChange(site.operation) && isOwnersFailure(site, errorName) }
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
