import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { create } from '../../lambdas/tasks/move-to-size.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openCells } from '../parts/cells.ts'
import { openLaunching } from '../parts/launching.ts'
import { openProbe } from '../parts/probe.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { waiting } from '../parts/waiting.ts'

export const handler = deployedFunction(environments['move-to-size'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    ...waiting,
    ...(await openLaunching(environment)),
    sites,
    blueprints: createBlueprintStore(tables),
    probe: openProbe(environment, deployment.log),
    ...openCells(environment, { ...deployment, tables, sites }),
  })
})
