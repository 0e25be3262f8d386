import { system } from '../events/event.ts'
import type { PlanCatalogue } from '../plan/plan.ts'
import type { Clocks } from '../ports/clocks.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { BlueprintStore } from '../ports/stores.ts'
import type { RequestBuildPorts } from '../site/request-build.ts'
import { requestBuild } from '../site/request-build.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'
import type { PoolPolicy } from './pool.ts'
import { buildsToStart } from './pool.ts'

export interface FillPoolPorts extends RequestBuildPorts {
  readonly blueprints: BlueprintStore
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly pool: PoolPolicy
  readonly cell: string
  readonly offeredBlueprints: readonly [string, ...string[]]
}

const countBuilding = async ({ sites, cell }: FillPoolPorts, blueprint: string): Promise<number> => {
  let count = 0
  for await (const site of sites.listByStatus('building')) {
    if (site.ownership === undefined && site.cell === cell && site.blueprint.name === blueprint) count += 1
  }
  return count
}

/**
 * Starts as many builds as the pool of the default blueprint lacks and the pace allows. Must not run twice at once, or
 * the pool overshoots: the function that calls it is limited to one at a time.
 */
export const fillPool = async (ports: FillPoolPorts, causationId: string): Promise<void> => {
  const name = ports.offeredBlueprints[0]
  // In this order: a build that ends in between is counted twice, and not left out, which would overfill the pool.
  const building = await countBuilding(ports, name)
  const ready = await ports.sites.countReady({ cell: ports.cell, blueprint: name })
  const builds = buildsToStart({ ready, building }, ports.pool)
  if (builds === 0) return
  const blueprint = await ports.blueprints.latest(name)
  if (blueprint === undefined) {
    ports.log.error({ blueprint: name }, 'the pool cannot be filled: its blueprint was never published')
    return
  }
  for (let started = 0; started < builds; started += 1) {
    await requestBuild(
      ports,
      {
        id: ports.randomness.id('site'),
        cell: ports.cell,
        plan: ports.plans.trial.id,
        blueprint: { name: blueprint.name, version: blueprint.version },
        policyVersion: ports.policies.current.version,
      },
      { actor: system, causationId, clocks: ports.clocks, randomness: ports.randomness },
    )
  }
}
