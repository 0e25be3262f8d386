import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { entryOf } from '../../../core/blueprint/handing-over.ts'
import { isBoundLate } from '../../../core/blueprint/interpolate.ts'
import { system } from '../../../core/events/event-names.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { BlueprintReference, BuildingSite } from '../../../core/site/site.ts'
import { blockingFailure, type Draft, openDraft } from '../../blueprints/blueprint-status.ts'
import type { BlueprintNames, BlueprintReader } from '../../blueprints/ports.ts'
import type { Offers } from '../../offers/offers.ts'
import type { RateWindows } from '../../rate-limits/count-in-windows.ts'
import { currentBlueprint, type RolloutStore } from '../../releases/rollout.ts'
import { type RequestBuildPorts, requestBuild } from '../build/request-build.ts'
import { isIn, type PlacementPorts, readPlaces } from '../cells/place-sites.ts'
import { recentClaims } from '../claim/count-site.ts'
import { allowedAtOnce } from './pace-builds.ts'
import { maxPooled, type PoolPolicy, poolTargets } from './pool.ts'
import { retireAbove, retireOutdated } from './retire-outdated.ts'

interface FillPoolPorts
  extends RequestBuildPorts,
    PlacementPorts,
    Pick<Context, 'clocks' | 'randomness' | 'plans' | 'policies' | 'offeredBlueprints'> {
  readonly blueprints: BlueprintReader & BlueprintNames
  readonly rollouts: Pick<RolloutStore, 'read'>
  readonly offers: Offers
  readonly pool: PoolPolicy
  readonly rateWindows: Pick<RateWindows, 'read'>
}

const listBuilding = async (ports: FillPoolPorts): Promise<readonly BuildingSite[]> => {
  const found: BuildingSite[] = []
  for await (const site of ports.sites.listByStatus('building')) {
    if (site.ownership === undefined && isIn(ports, site)) found.push(site)
  }
  return found
}

/** Counts pooled sites over all cells, optionally of one blueprint version. */
export const countReadySites = async (
  { sites, capacities }: Pick<PlacementPorts, 'capacities'> & { readonly sites: Pick<SiteStore, 'countReady'> },
  pool: { readonly blueprint: string; readonly version?: number },
): Promise<number> => {
  const counts = await Promise.all(capacities.map(({ name: cell }) => sites.countReady({ cell, ...pool })))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** What the pool may be built from. Before a version is current, that is the draft. */
interface Source extends BlueprintReference {
  readonly blueprint: Blueprint
  /** The revision of a draft. */
  readonly draft?: number
}

const sourceOf = (blueprint: Blueprint): Source => ({ name: blueprint.name, version: blueprint.version, blueprint })

const sourceOfDraft = (draft: Draft | undefined): Source | undefined =>
  draft === undefined ? undefined : { ...sourceOf(draft.blueprint), draft: draft.revision }

const planOf = ({ offers, plans, offeredBlueprints }: FillPoolPorts, { name, plans: named }: Blueprint): string =>
  offers.all.find((offer) => offer.blueprint === name)?.trialPlan ??
  (offeredBlueprints.includes(name) ? undefined : named?.[0]) ??
  plans.trial.id

/** @returns how many were started: fewer if the cells are full. */
const startBuilds = async (
  ports: FillPoolPorts,
  { blueprint, name, version, draft }: Source,
  builds: number,
  causationId: string,
): Promise<number> => {
  if (builds === 0) return 0
  const takePlace = await readPlaces(ports)
  for (let started = 0; started < builds; started += 1) {
    const cell = await takePlace()
    if (cell === undefined) return started
    const request = {
      ...{ id: ports.randomness.id('site'), cell, plan: planOf(ports, blueprint), blueprint: { name, version } },
      entry: entryOf(blueprint),
      policyVersion: ports.policies.current.version,
      // A draft has to start, or nothing is known of it.
      ...(draft === undefined ? isBoundLate(blueprint) && { startsAtClaim: true as const } : { draft }),
    }
    await requestBuild(ports, request, { actor: system, causationId, ...ports })
  }
  return builds
}

const isOf = ({ name, version, draft }: Source, site: BuildingSite): boolean =>
  site.blueprint.name === name &&
  site.blueprint.version === version &&
  (draft === undefined || site.draft === undefined || site.draft === draft)

/** A site that only proves a draft is retired, so one is enough. A blueprint that is not on offer has no pool. */
const wantedOf = ({ offeredBlueprints }: FillPoolPorts, { name, draft, blueprint }: Source, target: number): number => {
  if (!offeredBlueprints.includes(name)) return draft === undefined ? 0 : 1
  return draft !== undefined && isBoundLate(blueprint) ? Math.min(1, target) : target
}

/**
 * How many builds to start now.
 * @param pool.ready sites of the newest blueprint version.
 * @param pool.building builds of the newest version.
 * @param pool.buildingOld builds of older versions: they count only towards the concurrency.
 */
export const buildsToStart = (
  { ready, building, buildingOld = 0 }: { ready: number; building: number; buildingOld?: number },
  policy: PoolPolicy,
): number => Math.max(0, Math.min(policy.target - ready - building, policy.buildsAtOnce - building - buildingOld))

/** @returns how many builds were started. */
const fillOne = async (
  ports: FillPoolPorts,
  { name, target }: { readonly name: string; readonly target: number },
  { sites: building, started: startedBefore }: { readonly sites: readonly BuildingSite[]; readonly started: number },
  causationId: string,
): Promise<number> => {
  const [latest, status] = await Promise.all([ports.blueprints.latest(name), ports.blueprints.status(name)])
  const current = await currentBlueprint(ports, latest)
  const trial = sourceOfDraft(openDraft(status, latest))
  const source = current === undefined ? trial : sourceOf(current)
  if (source === undefined) {
    // A failed draft was logged when it failed.
    if (status?.draft !== undefined) return 0
    const message = 'the pool cannot be filled: its blueprint was never published'
    ports.log.error({ event: 'pool-blueprint-unpublished', blueprint: name }, message)
    return 0
  }
  let started = startedBefore
  const buildsOf = async (of: Source, wanted: number, ready: number): Promise<number> => {
    const now = building.filter((site) => isOf(of, site)).length
    const counts = { ready, building: now, buildingOld: building.length + started - now }
    if (buildsToStart(counts, { ...ports.pool, target: wanted }) === 0) return 0
    if (blockingFailure(status, of.version, ports.clocks.wall()) !== undefined) return 0
    const buildsAtOnce = await allowedAtOnce(ports, of)
    return buildsToStart(counts, { buildsAtOnce, target: wanted })
  }
  if (current !== undefined && trial !== undefined) {
    started += await startBuilds(ports, trial, await buildsOf(trial, 1, 0), causationId)
  }
  // In this order, a build that ends in between is counted twice, which is safe.
  const ready = await countReadySites(ports, { blueprint: name, version: source.version })
  if (current !== undefined) {
    if (latest !== undefined && latest !== current) await retireAbove(ports, { current, latest, target }, causationId)
    await retireOutdated(ports, { blueprint: current, ready, target }, causationId)
  }
  const builds = await buildsOf(source, wantedOf(ports, source, target), ready)
  started += await startBuilds(ports, source, builds, causationId)
  return started - startedBefore
}

/** The target of each offered blueprint. Claims are read only if they decide something. */
const targetsOf = async (ports: FillPoolPorts): Promise<readonly number[]> => {
  const { pool, offeredBlueprints, rateWindows, clocks } = ports
  const isFixed = offeredBlueprints.length === 1 && maxPooled(pool) === pool.target
  return isFixed ? [pool.target] : poolTargets(pool, await recentClaims(rateWindows, offeredBlueprints, clocks.wall()))
}

/**
 * Starts the builds that the pool of each offered blueprint lacks, within the rate limit, and retires replaced versions. Builds one site
 * of each draft, also of blueprints that are not on offer. Must not run concurrently, or the pool overshoots.
 */
export const fillPool = async (ports: FillPoolPorts, causationId: string): Promise<void> => {
  const building = await listBuilding(ports)
  const targets = await targetsOf(ports)
  let started = 0
  for (const [index, name] of ports.offeredBlueprints.entries()) {
    const pool = { name, target: targets[index] ?? 0 }
    started += await fillOne(ports, pool, { sites: building, started }, causationId)
  }
  for (const name of await ports.blueprints.names('drafts')) {
    if (ports.offeredBlueprints.includes(name)) continue
    started += await fillOne(ports, { name, target: 0 }, { sites: building, started }, causationId)
  }
}
