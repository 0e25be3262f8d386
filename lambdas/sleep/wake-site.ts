import { SitewrightError } from '../../core/errors.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Size } from '../../core/plan/plan.ts'
import type { HealthProbe } from '../../core/ports/probes.ts'
import type { Launch, SiteRuntime } from '../../core/ports/runtime.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import {
  attemptContext,
  commitOrRepeat,
  type ReclaimPorts,
  requireOperation,
  type SiteUnder,
  startOperationSoon,
} from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { type Endpoint, placeOf } from '../../core/site/location.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import { isAgreed } from '../../core/site/relocation.ts'
import type { ActiveSite, AsleepSite, Site } from '../../core/site/site.ts'
import { isWaking } from '../../core/site/site-facts.ts'
import { isLostCell, isWithdrawn, type RolloutStore } from '../releases/rollout.ts'
import { beginUpgrade, type Upgrade } from '../releases/swap/begin-swap.ts'
import { type LaunchPorts, launchOf } from '../sites/run/prepare-launch.ts'

const timeWake = (
  site: AsleepSite & SiteUnder<'wake'>,
  context: ChangeContext,
): SiteChange<AsleepSite & SiteUnder<'wake'>> => {
  const operation = { ...site.operation, launchedAt: context.clocks.wall() }
  const after = { ...site, version: site.version + 1, operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'wake' } }, context)
}

/** Records that a site answers again, with the size it was started with. */
export const wake = (
  site: AsleepSite & SiteUnder<'wake'>,
  { endpoint, size }: { readonly endpoint: Endpoint; readonly size: Size },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { asleepSince: _, timesAfter: __, upgradeDue: ___, dormantSince: ____, operation, ...kept } = site
  const after: ActiveSite = { ...kept, status: 'active', version: site.version + 1, endpoint, size }
  const milliseconds = Math.max(0, Date.parse(context.clocks.wall()) - Date.parse(operation.requestedAt))
  return siteChange({ transition: 'wake', before: site, after, details: { milliseconds } }, context)
}

export type WakePorts = ReclaimPorts &
  LaunchPorts & {
    readonly runtime: Pick<SiteRuntime, 'locate' | 'remove' | 'start'>
    readonly probe: HealthProbe
    readonly rollouts: Pick<RolloutStore, 'read' | 'readOfCell'>
    readonly workflows: Workflows
    /** Time for placement and image pulls. */
    readonly placementSeconds: number
  }

type WakingSite = AsleepSite & SiteUnder<'wake'>

const requireWaking = (found: Site | undefined, attempt: OperationAttempt): WakingSite => {
  const site = requireOperation(found, attempt, 'wake')
  if (site.status === 'asleep') return site
  throw new SitewrightError('OperationSuperseded', `${site.id} is not asleep.`)
}

/**
 * A workflow that an outage delayed gets its time once more.
 * @throws {SitewrightError} `LaunchFailed`.
 */
const requireInTime = async (
  ports: WakePorts,
  site: WakingSite,
  { blueprint }: Launch,
  attempt: OperationAttempt,
): Promise<WakingSite> => {
  const seconds = ports.placementSeconds + blueprint.traffic.startSeconds
  const { startedAt, launchedAt = startedAt } = site.operation
  if (ports.clocks.wall() <= plusMilliseconds(launchedAt, seconds * 1000)) return site
  if (launchedAt === startedAt && (await ports.runtime.locate(placeOf(site))) === undefined) {
    const change = timeWake(site, attemptContext(ports, attempt))
    await commitOrRepeat(ports, change)
    return change.after
  }
  throw new SitewrightError('LaunchFailed', `${site.id} did not answer within ${seconds} s after it was woken.`)
}

/** Stops the site again if it was suspended meanwhile or its wake failed. */
const startWhileWaking = async ({ sites, runtime }: WakePorts, launch: Launch): Promise<void> => {
  await runtime.start(launch)
  const site = await sites.get(launch.siteId)
  if (site?.status === 'active' || isWaking(site)) return
  await runtime.remove(launch)
  throw new SitewrightError('OperationSuperseded', `${launch.siteId} should no longer run.`)
}

/**
 * Turns the wake of a site with an assigned version into the upgrade to it, unless its roll-out has halted meanwhile: then the site wakes with
 * the version that it has.
 * @throws {SitewrightError} `OperationSuperseded`: the workflow of the upgrade continues.
 */
const upgradeIfWanted = async (ports: WakePorts, site: WakingSite, due: Upgrade, attempt: OperationAttempt) => {
  const { name, version: from } = site.blueprint
  if (isWithdrawn(await ports.rollouts.read(name), { from, to: due.to })) return
  const change = beginUpgrade(site, due, attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  await startOperationSoon(ports, change.after)
  throw new SitewrightError('OperationSuperseded', `${site.id} wakes with version ${due.to}.`)
}

/**
 * Starts a site that sleeps, checks once whether it answers, and records where. It is started with each check at which it
 * does not run: a late stop of its sleep may have hit it.
 * @throws {SitewrightError} `SiteNotReady` while it may still answer, then `LaunchFailed`; whatever a start throws.
 */
export const wakeSite = async (ports: WakePorts, attempt: OperationAttempt): Promise<void> => {
  const found = requireWaking(await ports.sites.get(attempt.siteId), attempt)
  if (await isLostCell(ports.rollouts, found.cell))
    throw new SitewrightError(
      'RuntimeUnavailable',
      `The cell '${found.cell}' is lost: ${found.id} is restored elsewhere.`,
    )
  // Roll-outs leave a site alone whose relocation is agreed on.
  const isLeft = isAgreed(found.relocation)
  if (found.upgradeDue !== undefined && !isLeft) await upgradeIfWanted(ports, found, found.upgradeDue, attempt)
  const launch = await launchOf(ports, found)
  const site = await requireInTime(ports, found, launch, attempt)
  const { runtime, probe } = ports
  if ((await runtime.locate(launch, launch)) === undefined) await startWhileWaking(ports, launch)
  const endpoint = await runtime.locate(launch, launch)
  if (endpoint === undefined || !(await probe.isHealthy(endpoint, launch.blueprint.traffic))) {
    throw new SitewrightError('SiteNotReady', `${site.id} does not answer yet.`)
  }
  await commitOrRepeat(ports, wake(site, { endpoint, size: launch.size }, attemptContext(ports, attempt)))
}
