import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { deploymentOf } from '../deployment.ts'
import { openCells } from './cells.ts'
import { openSites, openTables } from './tables.ts'
import { waiting } from './waiting.ts'

export type RunningSitesEnvironment = Parameters<typeof deploymentOf>[0] &
  Parameters<typeof openTables>[0] &
  Parameters<typeof openCells>[0]

/** What functions have that look after what runs: the sites, what they are made of, the cells, and how to wait for them. */
export const openRunningSites = (environment: RunningSitesEnvironment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return {
    ...deployment,
    ...waiting,
    sites,
    blueprints: createBlueprintStore(tables),
    ...openCells(environment, { ...deployment, tables, sites }),
  }
}
