import { toInstant } from '../../core/instant.ts'
import type { SiteRuntime } from '../../core/ports/runtime.ts'
import type { SitePorts } from '../dynamodb/site-ports.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import type { createSiteServices } from './site-services.ts'
import type { createSiteTasks } from './site-tasks.ts'

/** A call lists a hundred services or describes ten: if many are down, their services may all be gone. */
const listedForOneDescribed = 10

/** Lists the sites of a cell. Describes the services of sites that have no task and were not noted as asleep. Each site has a port as long as it has anything. */
export const createSiteListing =
  ({
    cell,
    services,
    tasks,
    ports,
  }: {
    readonly cell: Pick<CellDescription, 'name'>
    readonly services: Pick<ReturnType<typeof createSiteServices>, 'list' | 'statesOf'>
    readonly tasks: Pick<ReturnType<typeof createSiteTasks>, 'all'>
    readonly ports: Pick<SitePorts, 'all'>
  }): SiteRuntime['list'] =>
  async ({ isThorough = false } = {}) => {
    const [held, running] = await Promise.all([ports.all(), tasks.all()])
    const down = [...held].flatMap(([siteId, { isAsleep }]) => (isAsleep || running.has(siteId) ? [] : [siteId]))
    const isListed = isThorough || down.length * listedForOneDescribed > held.size
    const named = new Set(isListed ? await services.list() : down)
    const states = await services.statesOf(down.filter((siteId) => named.has(siteId)))
    return [...new Set([...named, ...held.keys(), ...running.keys()])].map((siteId) => {
      const [task, place] = [running.get(siteId), held.get(siteId)]
      if (task === undefined) {
        const state = place?.isAsleep === true ? 'asleep' : (states.get(siteId) ?? 'stopped')
        return { siteId, cell: cell.name, state }
      }
      const startedAt = toInstant(new Date(task.startedAt))
      const endpoint = place === undefined ? {} : { endpoint: { host: task.host, port: place.port } }
      return { siteId, cell: cell.name, state: 'running', startedAt, ...endpoint }
    })
  }
