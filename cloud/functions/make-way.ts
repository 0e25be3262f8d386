import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { create } from '../../lambdas/tasks/make-way.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openCells } from '../parts/cells.ts'
import { openRequests } from '../parts/open-requests.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { waiting } from '../parts/waiting.ts'

export const handler = deployedFunction(environments['make-way'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    ...waiting,
    sites,
    openRequests,
    blueprints: createBlueprintStore(tables),
    ...openCells(environment, { ...deployment, tables, sites }),
  })
})
