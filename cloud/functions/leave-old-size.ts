import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { create } from '../../lambdas/tasks/leave-old-size.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openCells } from '../parts/cells.ts'
import { openLaunching } from '../parts/launching.ts'
import { openRequests } from '../parts/open-requests.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { waiting } from '../parts/waiting.ts'

export const handler = deployedFunction(environments['leave-old-size'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    ...waiting,
    ...(await openLaunching(environment)),
    sites,
    openRequests,
    blueprints: createBlueprintStore(tables),
    ...openCells(environment, { ...deployment, tables, sites }),
  })
})
