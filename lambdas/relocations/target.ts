import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Target } from '../../core/site/operation.ts'
import type { LiveSite } from '../../core/site/site.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import { type RoomPorts, readCells } from '../sites/cells/place-sites.ts'

export interface TargetPorts extends RoomPorts {
  readonly plans: PlanCatalogue
  readonly blueprints: Pick<BlueprintReader, 'get'>
}

export interface TargetProblem {
  readonly path: string
  readonly because: 'plan-unknown' | 'blueprint-unknown' | 'cell-unknown' | 'cell-full' | 'nothing-changes'
  readonly message: string
}

/** The version of the blueprint that a site has after a relocation. */
export const blueprintAfter = (
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

const cellProblem = async (ports: TargetPorts, site: LiveSite, name: string): Promise<TargetProblem | undefined> => {
  if (name === site.cell) return undefined
  const cell = (await readCells(ports)).find((one) => one.name === name)
  if (cell === undefined)
    return { path: 'target.cell', because: 'cell-unknown', message: `There is no cell '${name}'.` }
  if (cell.room > 0) return undefined
  return { path: 'target.cell', because: 'cell-full', message: `The cell '${name}' has no room.` }
}

/** What speaks against relocating a site to a target now; undefined if nothing does. */
export const targetProblem = async (
  ports: TargetPorts,
  site: LiveSite,
  target: Target,
): Promise<TargetProblem | undefined> => {
  const { plan, blueprint, cell } = target
  if (changesNothing(site, target)) {
    return { path: 'target', because: 'nothing-changes', message: 'The site has all of that already.' }
  }
  if (plan !== undefined && !ports.plans.plans.some(({ id }) => id === plan)) {
    return { path: 'target.plan', because: 'plan-unknown', message: `There is no plan '${plan}'.` }
  }
  if (blueprint !== undefined && (await blueprintAfter(ports, site, target)) === undefined) {
    const message = `Version ${blueprint.version} of the blueprint '${blueprint.name}' was never published.`
    return { path: 'target.blueprint', because: 'blueprint-unknown', message }
  }
  return cell === undefined ? undefined : cellProblem(ports, site, cell)
}

/** @throws {SitewrightError} `InvalidRequest` that names the part of the target. */
export const requireTarget = async (ports: TargetPorts, site: LiveSite, target: Target): Promise<void> => {
  const problem = await targetProblem(ports, site, target)
  if (problem === undefined) return
  const { path, message } = problem
  throw new SitewrightError('InvalidRequest', message, { fields: [{ path: `${path}`, message }] })
}
