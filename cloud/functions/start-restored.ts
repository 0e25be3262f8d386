import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { create } from '../../lambdas/tasks/start-restored.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openCells } from '../parts/cells.ts'
import { openLaunching } from '../parts/launching.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['start-restored'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    ...(await openLaunching(environment)),
    sites,
    blueprints: createBlueprintStore(tables),
    ...openCells(environment, { ...deployment, tables, sites }),
  })
})
