import { createBrakeStore } from '../../adapters/dynamodb/operator-controls.ts'
import { createSiteTotals } from '../../adapters/dynamodb/site-totals.ts'
import { create } from '../../lambdas/schedules/act-on-deadlines.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['act-on-deadlines'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    sites,
    brakes: createBrakeStore(tables),
    totals: createSiteTotals(tables),
    workflows: openWorkflows(environment),
    // Nobody turns a clock here.
    clockIsTurned: () => false,
  })
})
