import { refuse } from '../../../core/errors.ts'
import type { SiteImages } from '../../../core/ports/runtime.ts'
import { attemptContext, commitOrRepeat, type ReclaimPorts } from '../../../core/site/change-site.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'
import { latestBegin } from '../../../core/site/relocation.ts'
import { blueprintOf, type LaunchPorts } from '../../sites/run/prepare-launch.ts'
import { isWithdrawn, type RolloutStore } from '../rollout.ts'
import { isMoved, keepVersion, type SwappingSite, targetOf } from './swap-changes.ts'
import { requireSwapping } from './swap-site.ts'

/**
 * An outage may have delayed the switch of a relocation since its sweep looked at the clock. Once requests are held, it goes on. Those of a
 * site that slept are held from the beginning.
 */
const requireWindow = ({ id, relocation, operation }: SwappingSite, { clocks }: ReclaimPorts): void => {
  if (!operation.relocates || relocation?.state !== 'accepted') return
  if (operation.pausedAt !== undefined && !operation.atWake) return
  if (clocks.domain() <= latestBegin(relocation)) return
  refuse(`The window of ${id} has passed: it is not relocated now.`)
}

/** An assignment counts only while its roll-out runs or has finished: after a halt, the site does the rest with the version that it has. */
const withoutWithdrawn = async (
  ports: ReclaimPorts & { readonly rollouts: Pick<RolloutStore, 'read'> },
  site: SwappingSite,
  attempt: OperationAttempt,
): Promise<SwappingSite> => {
  const { isAssigned, moved, target } = site.operation
  if (!isAssigned || moved || target.blueprint === undefined) return site
  const { name, version: from } = site.blueprint
  if (!isWithdrawn(await ports.rollouts.read(name), { from, to: target.blueprint.version })) return site
  const change = keepVersion(site, attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  return change.after
}

/**
 * Makes sure that the images of the target can be had, and that the window of a relocation has not passed, before anything of the site stops.
 * @throws {SitewrightError} `BlueprintUnavailable` if an image is gone; `TransitionNotAllowed` after the window.
 */
export const requireImages = async (
  ports: ReclaimPorts &
    Pick<LaunchPorts, 'blueprints'> & { readonly images: SiteImages; readonly rollouts: Pick<RolloutStore, 'read'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const found = requireSwapping(await ports.sites.get(attempt.siteId), attempt)
  const site = await withoutWithdrawn(ports, found, attempt)
  requireWindow(site, ports)
  if (!isMoved(site)) await ports.images.require(await blueprintOf(ports.blueprints, targetOf(site)))
}
