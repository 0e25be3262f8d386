import { create } from '../../lambdas/schedules/heal-operations.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['heal-operations'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    sites,
    workflows: openWorkflows(environment),
  })
})
