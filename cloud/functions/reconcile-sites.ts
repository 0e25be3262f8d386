import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { create } from '../../lambdas/schedules/reconcile-sites.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openCells } from '../parts/cells.ts'
import { openLaunching } from '../parts/launching.ts'
import { openProbe } from '../parts/probe.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { waiting } from '../parts/waiting.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['reconcile-sites'], async (environment) => {
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
    workflows: openWorkflows(environment),
    startsAtOnce: 4,
    isStopping: () => false,
    ...openCells(environment, { ...deployment, tables, sites }),
  })
})
