import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { isBoundLate } from '../../../core/blueprint/interpolate.ts'
import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteRuntime, SiteStorage } from '../../../core/ports/runtime.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { commitOrRepeat } from '../../../core/site/change-site.ts'
import type { ChangeContext } from '../../../core/site/lifecycle.ts'
import { homeOf } from '../../../core/site/location.ts'
import { type BuildingSite, isLive, isOfDraft } from '../../../core/site/site.ts'
import type { TrialPolicies } from '../../../core/site/trial-policy.ts'
import { proved } from '../../blueprints/blueprint-status.ts'
import {
  type BlueprintStatusPorts,
  changeStatus,
  endImageFailure,
  notingImageFailure,
} from '../../blueprints/change-status.ts'
import type { BlueprintStore } from '../../blueprints/ports.ts'
import { retireSite } from '../claim/pooled-site.ts'
import { blueprintOf, type LaunchPorts, launchOf } from '../run/prepare-launch.ts'
import { finishBuild, noteLaunch, noteStoragePrepared, requireBuilding } from './build-changes.ts'

export interface BuildAttempt {
  readonly siteId: SiteId
  readonly fence: number
}

export interface TaskPorts extends Pick<Context, 'clocks' | 'randomness'> {
  readonly sites: SiteStore
}

export const contextOf = ({ clocks, randomness }: TaskPorts, { siteId, fence }: BuildAttempt): ChangeContext => ({
  actor: system,
  causationId: `provision-site-${siteId}-${fence}`,
  clocks,
  randomness,
})

export const currentSite = async ({ sites }: TaskPorts, { siteId, fence }: BuildAttempt): Promise<BuildingSite> =>
  requireBuilding(await sites.get(siteId), fence)

/** @returns whether an archive is restored, or a command fills the data or makes the administrator, before the start: the state machine asks. */
export const prepareStorage = async (
  ports: TaskPorts & Pick<LaunchPorts, 'blueprints'> & { storage: Pick<SiteStorage, 'prepare'> },
  attempt: BuildAttempt,
): Promise<{ readonly runs: boolean; readonly restores: boolean }> => {
  const site = await currentSite(ports, attempt)
  const { data, handOver } = await blueprintOf(ports.blueprints, site)
  await ports.storage.prepare(homeOf(site), data.owner)
  await commitOrRepeat(ports, noteStoragePrepared(site, contextOf(ports, attempt)))
  const restores = site.operation.from !== undefined
  // What it is restored from knows its owner.
  const commands = handOver?.task?.beforeStart === true || site.environmentOf?.seed !== undefined
  return { restores, runs: !restores && site.ownership !== undefined && commands }
}

/** Starts the site, or prepares a pooled one that cannot start without an owner. */
export const startSite = async (
  ports: TaskPorts & LaunchPorts & BlueprintStatusPorts & { runtime: Pick<SiteRuntime, 'prepare' | 'start'> },
  attempt: BuildAttempt,
): Promise<void> => {
  const site = await currentSite(ports, attempt)
  const launch = await launchOf(ports, site)
  const begin = async (): Promise<void> => {
    await (site.startsAtClaim ? ports.runtime.prepare?.(launch) : ports.runtime.start(launch))
  }
  await notingImageFailure(ports, launch.blueprint, begin)
  if (site.startsAtClaim) return
  await commitOrRepeat(ports, noteLaunch(site, contextOf(ports, attempt), launch.size))
}

/**
 * Publishes the draft from which a healthy site was built, and returns its content.
 * @throws {SitewrightError} `BlueprintUnknown` if the draft was replaced, `BlueprintInvalid` if its version is published with other content.
 */
const publishProved = async (
  ports: Pick<BlueprintStatusPorts, 'log'> & { readonly blueprints: BlueprintStore },
  site: BuildingSite & { readonly draft: number },
): Promise<Blueprint> => {
  const blueprint = await blueprintOf(ports.blueprints, site)
  const { name, version } = blueprint
  await ports.blueprints.publish(blueprint)
  const before = await ports.blueprints.status(name)
  await changeStatus(ports, name, (known) => proved(known, site.draft))
  if (before?.draft?.state !== 'current') {
    ports.log.info({ event: 'blueprint-current', blueprint: name, version }, 'new sites get this version from now on')
  }
  return blueprint
}

/**
 * Opens a site that answers, or adds it to the pool. The first one that was built from a draft publishes it. Without an owner, one that
 * needs its URL and one of a blueprint that is not on offer only prove the draft, and are retired.
 */
export const openSite = async (
  ports: TaskPorts &
    BlueprintStatusPorts & {
      blueprints: BlueprintStore
      policies: TrialPolicies
      offeredBlueprints: readonly string[]
    },
  attempt: BuildAttempt,
): Promise<void> => {
  const site = await ports.sites.get(attempt.siteId)
  // An earlier attempt lost its reply, or it only proved a draft.
  if (isLive(site) || site?.status === 'ready' || site?.status === 'purged') return
  const building = requireBuilding(site, attempt.fence)
  // One that is only prepared has not started everywhere.
  if (building.endpoint !== undefined) await endImageFailure(ports, building.blueprint)
  if (isOfDraft(building)) {
    const blueprint = await publishProved(ports, building)
    const { ownership, ...unowned } = building
    const isPooled = ports.offeredBlueprints.includes(blueprint.name) && !isBoundLate(blueprint)
    if (ownership === undefined && !isPooled)
      return commitOrRepeat(ports, retireSite(unowned, contextOf(ports, attempt)))
  }
  const policy = ports.policies.currentOf(ports.policies.of(building).name)
  const change = finishBuild(building, policy, contextOf(ports, attempt))
  const { after } = change
  const isToldUrl =
    building.operation.from !== undefined && (await blueprintOf(ports.blueprints, building)).urlChange === 'hook'
  if (!isToldUrl || after.status !== 'active') return commitOrRepeat(ports, change)
  // The restored data knows the URL of the original.
  await commitOrRepeat(ports, { ...change, after: { ...after, urlDue: 'hook' } })
}
