import type { Blueprint } from '../blueprint/blueprint.ts'
import { isBoundLate } from '../blueprint/interpolate.ts'
import { blockingTrouble } from '../blueprint/standing.ts'
import type { PlacementPorts } from '../cells/place-sites.ts'
import { readPlaces } from '../cells/place-sites.ts'
import { system } from '../events/event-names.ts'
import type { PlanCatalogue } from '../plan/plan.ts'
import type { Clocks, Randomness } from '../ports/context.ts'
import type { BlueprintReader, SiteStore } from '../ports/stores.ts'
import type { RequestBuildPorts } from '../site/build/request-build.ts'
import { requestBuild } from '../site/build/request-build.ts'
import { retireSite } from '../site/claim/pooled-site.ts'
import type { BlueprintReference, Site } from '../site/site.ts'
import type { TrialPolicies } from '../site/trial-policies.ts'
import type { BuildOutcome, PoolPolicy } from './pool.ts'
import { buildPace, buildsToStart, outcomesToLookAt } from './pool.ts'

export interface FillPoolPorts extends RequestBuildPorts, PlacementPorts {
  readonly blueprints: BlueprintReader
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly pool: PoolPolicy
  readonly offeredBlueprints: readonly [string, ...string[]]
}

const isIn = ({ capacities }: Pick<PlacementPorts, 'capacities'>, { cell }: Pick<Site, 'cell'>): boolean =>
  capacities.some(({ name }) => name === cell)

const countBuilding = async (ports: FillPoolPorts, { name, version }: Blueprint) => {
  const count = { building: 0, buildingOld: 0 }
  for await (const site of ports.sites.listByStatus('building')) {
    if (site.ownership !== undefined || !isIn(ports, site) || site.blueprint.name !== name) continue
    count[site.blueprint.version === version ? 'building' : 'buildingOld'] += 1
  }
  return count
}

/** Counts pooled sites over all cells, optionally of one blueprint version. */
export const countReadySites = async (
  { sites, capacities }: Pick<PlacementPorts, 'capacities'> & { readonly sites: Pick<SiteStore, 'countReady'> },
  pool: { readonly blueprint: string; readonly version?: number },
): Promise<number> => {
  const counts = await Promise.all(capacities.map(({ name: cell }) => sites.countReady({ cell, ...pool })))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** After recent failures one build is tried at a time, with a pause after each. */
const allowedAtOnce = async (ports: FillPoolPorts, blueprint: Blueprint): Promise<number> => {
  const { failuresInRow, pausedUntil } = buildPace(await recentOutcomes(ports, blueprint), ports.clocks.domain())
  if (failuresInRow === 0) return ports.pool.buildsAtOnce
  if (pausedUntil === undefined) return 1
  ports.log.warn(
    { event: 'pool-waits', blueprint: blueprint.name, version: blueprint.version, failuresInRow, pausedUntil },
    'the last builds failed; the pool pauses before the next one',
  )
  return 0
}

/**
 * Starts the builds that the pool lacks, within the rate limit, and retires replaced versions. Must not run
 * concurrently, or the pool overshoots.
 */
export const fillPool = async (ports: FillPoolPorts, causationId: string): Promise<void> => {
  const name = ports.offeredBlueprints[0]
  const blueprint = await ports.blueprints.latest(name)
  if (blueprint === undefined) {
    ports.log.error(
      { event: 'pool-blueprint-unpublished', blueprint: name },
      'the pool cannot be filled: its blueprint was never published',
    )
    return
  }
  // In this order, a build that ends in between is counted twice, which is safe.
  const building = await countBuilding(ports, blueprint)
  const ready = await countReadySites(ports, { blueprint: name, version: blueprint.version })
  await retireOutdated(ports, { blueprint, ready }, causationId)
  const pool = { ready, ...building }
  if (buildsToStart(pool, ports.pool) === 0) return
  const standing = await ports.blueprints.standing(name)
  if (blockingTrouble(standing, blueprint.version, ports.clocks.wall()) !== undefined) return
  const buildsAtOnce = await allowedAtOnce(ports, blueprint)
  const builds = buildsToStart(pool, { ...ports.pool, buildsAtOnce })
  if (builds === 0) return
  const takePlace = await readPlaces(ports)
  for (let started = 0; started < builds; started += 1) {
    const cell = await takePlace()
    if (cell === undefined) return
    await requestBuild(
      ports,
      {
        id: ports.randomness.id('site'),
        cell,
        plan: ports.plans.trial.id,
        blueprint: { name: blueprint.name, version: blueprint.version },
        policyVersion: ports.policies.current.version,
        ...(isBoundLate(blueprint) ? { startsAtClaim: true } : {}),
      },
      { actor: system, causationId, clocks: ports.clocks, randomness: ports.randomness },
    )
  }
}

const outcomeOf = (site: Site): BuildOutcome | undefined => {
  if (site.status === 'failed') return { isGood: false, at: site.failure.at }
  const opened = site.completedSteps.find(({ name }) => name === 'open')
  return opened === undefined ? undefined : { isGood: true, at: opened.at }
}

/** The outcomes of the newest builds of this blueprint version. If none failed, nothing else is read. */
const recentOutcomes = async (
  ports: Pick<PlacementPorts, 'capacities'> & { readonly sites: Pick<SiteStore, 'newestByStatus'> },
  { name, version }: BlueprintReference,
): Promise<readonly BuildOutcome[]> => {
  const read = async (status: 'failed' | 'ready' | 'active' | 'asleep'): Promise<readonly BuildOutcome[]> => {
    const newest: readonly Site[] = await ports.sites.newestByStatus(status, outcomesToLookAt)
    return newest
      .filter((site) => isIn(ports, site) && site.blueprint.name === name && site.blueprint.version === version)
      .flatMap((site) => outcomeOf(site) ?? [])
  }
  const failed = await read('failed')
  return failed.length === 0
    ? []
    : [...failed, ...(await read('ready')), ...(await read('active')), ...(await read('asleep'))]
}

interface RetireOutdatedPorts extends Pick<PlacementPorts, 'capacities'> {
  readonly sites: SiteStore
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly pool: PoolPolicy
}

/**
 * Retires pooled sites of older blueprint versions once newer ones replace them, so that the pool stays full. A sweep
 * stops them.
 * @param newest.ready pooled sites of the newest version.
 */
const retireOutdated = async (
  { sites, clocks, randomness, pool: { target, buildsAtOnce }, capacities }: RetireOutdatedPorts,
  { blueprint, ready }: { readonly blueprint: Blueprint; readonly ready: number },
  causationId: string,
): Promise<void> => {
  const needed = Math.max(0, target - ready)
  const outdated = await Promise.all(
    capacities.map(({ name: cell }) =>
      sites.findReady({ cell, blueprint: blueprint.name, below: blueprint.version }, needed + buildsAtOnce),
    ),
  )
  for (const site of outdated.flat().slice(needed)) {
    // A site that was just claimed fails the commit, which is right.
    await sites.commit(retireSite(site, { actor: system, causationId, clocks, randomness }))
  }
}
