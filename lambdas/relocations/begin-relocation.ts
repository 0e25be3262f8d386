import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { plansFor } from '../../core/blueprint/needs.ts'
import { refuse, refuseField } from '../../core/errors.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import type { Target } from '../../core/site/operation.ts'
import type { Relocation } from '../../core/site/relocation.ts'
import type { ActiveSite, LiveSite } from '../../core/site/site.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import { type ConfigurationStore, configurationProblems } from '../configuration/configuration.ts'
import { beginSwap } from '../releases/swap/begin-swap.ts'
import { runsCommand } from '../sites/build/build-from-archive.ts'
import { dataOf, type PlacementPorts, type RoomPorts, readCells, takesData } from '../sites/cells/place-sites.ts'

export interface TargetPorts extends RoomPorts {
  readonly plans: PlanCatalogue
  readonly blueprints: Pick<BlueprintReader, 'get'>
  readonly configurations: Pick<ConfigurationStore, 'read'>
}

export interface TargetProblem {
  readonly path: string
  readonly because:
    | 'plan-unknown'
    | 'plan-not-of-blueprint'
    | 'blueprint-unknown'
    | 'configuration-unknown'
    | 'configuration-incomplete'
    | 'cell-unknown'
    | 'cell-full'
    | 'nothing-changes'
  readonly message: string
}

const blueprintAfter = (
  { blueprints }: Pick<TargetPorts, 'blueprints'>,
  site: LiveSite,
  target: Target,
): Promise<Blueprint | undefined> => {
  const { name, version } = target.blueprint ?? site.blueprint
  return blueprints.get(name, version)
}

const changesNothing = (site: LiveSite, { plan, blueprint, configuration, cell }: Target): boolean =>
  (plan ?? site.plan) === site.plan &&
  (blueprint?.name ?? site.blueprint.name) === site.blueprint.name &&
  (blueprint?.version ?? site.blueprint.version) === site.blueprint.version &&
  (configuration ?? site.configuration ?? 0) === (site.configuration ?? 0) &&
  (cell ?? site.cell) === site.cell

const configurationProblem = async (
  { configurations }: TargetPorts,
  { id, configuration: present = 0 }: LiveSite,
  { configuration: version = present }: Target,
  blueprint: Blueprint,
): Promise<TargetProblem | undefined> => {
  const found = version === 0 ? undefined : await configurations.read(id, version)
  if (version !== 0 && found === undefined) {
    const message = `This site has no version ${version} of its configuration.`
    return { path: 'target.configuration', because: 'configuration-unknown', message }
  }
  const [problem] = configurationProblems(blueprint, found)
  if (problem === undefined) return undefined
  const message = `The site could not run with version ${version} of its configuration: ${problem.path} ${problem.message}.`
  return { path: 'target.configuration', because: 'configuration-incomplete', message }
}

const cellProblem = async (ports: TargetPorts, site: LiveSite, name: string): Promise<TargetProblem | undefined> => {
  const isElsewhere = name !== site.cell
  const cell = (await readCells(ports)).find((one) => one.name === name)
  if (cell === undefined) {
    const message = `There is no cell '${name}'.`
    return isElsewhere ? { path: 'target.cell', because: 'cell-unknown', message } : undefined
  }
  const full = (message: string): TargetProblem => ({ path: 'target.cell', because: 'cell-full', message })
  if (isElsewhere && cell.room === 0) return full(`The cell '${name}' has no room.`)
  return takesData(cell, dataOf(site)) ? undefined : full(`The disk of the cell '${name}' has no room for the data.`)
}

/** What speaks against relocating a site to a target now; undefined if nothing does. */
export const targetProblem = async (
  ports: TargetPorts,
  site: LiveSite,
  target: Target,
): Promise<TargetProblem | undefined> => {
  const { plan = site.plan, cell = site.cell } = target
  if (changesNothing(site, target)) {
    return { path: 'target', because: 'nothing-changes', message: 'The site has all of that already.' }
  }
  const { plans } = ports.plans
  if (!plans.some(({ id }) => id === plan)) {
    return { path: 'target.plan', because: 'plan-unknown', message: `There is no plan '${plan}'.` }
  }
  const { name, version } = target.blueprint ?? site.blueprint
  const blueprint = await blueprintAfter(ports, site, target)
  if (blueprint === undefined) {
    const message = `Version ${version} of the blueprint '${name}' was never published.`
    return { path: 'target.blueprint', because: 'blueprint-unknown', message }
  }
  if (!plansFor(blueprint, plans).some(({ id }) => id === plan)) {
    const message = `Version ${version} of the blueprint '${name}' is not for the plan '${plan}'.`
    return { path: 'target.plan', because: 'plan-not-of-blueprint', message }
  }
  const problem = await configurationProblem(ports, site, target, blueprint)
  return problem ?? cellProblem(ports, site, cell)
}

/** @throws {SitewrightError} `InvalidRequest` that names the part of the target. */
export const requireTarget = async (ports: TargetPorts, site: LiveSite, target: Target): Promise<void> => {
  const problem = await targetProblem(ports, site, target)
  if (problem !== undefined) refuseField(problem.path, problem.message)
}

/** Counts a site for the cell that it goes to, which is known; false without room. A place that is then not used is free again with the next count. */
export const takePlace = async (
  { capacities, cellCounts }: PlacementPorts,
  site: LiveSite,
  { cell = site.cell }: Target,
): Promise<boolean> => {
  const found = capacities.find(({ name }) => name === cell)
  return cell === site.cell || (found !== undefined && cellCounts.add(cell, found.sites))
}

/**
 * Begins the switch of an accepted relocation. It always starts on a verified copy, so that there is a way back. The command of the version
 * runs where it did in the rehearsal.
 */
export const beginRelocation = async (
  ports: Pick<TargetPorts, 'blueprints'>,
  site: LiveSite,
  { target }: Relocation,
  context: ChangeContext,
): Promise<SiteChange<ActiveSite>> => {
  const blueprint = await blueprintAfter(ports, site, target)
  const runs = blueprint !== undefined && runsCommand(blueprint, site.blueprint)
  return beginSwap(site, { target, copies: true, runs, relocates: true }, context)
}

/**
 * Begins to go back to what the site was before its relocation, or forward again, with the data from then. The data of now becomes an archive.
 * @throws {SitewrightError} `TransitionNotAllowed` unless the site was switched; `OperationInProgress`.
 */
export const beginSwitchBack = (site: LiveSite, reason: string, context: ChangeContext): SiteChange<ActiveSite> => {
  const switched = site.relocation?.switched
  if (switched === undefined) return refuse('This site was not relocated, or its relocation is confirmed.')
  const { back: target, archiveId: restores } = switched
  return beginSwap(site, { target, copies: true, runs: false, relocates: true, restores, reason }, context)
}
