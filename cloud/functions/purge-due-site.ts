import { create } from '../../lambdas/tasks/purge-due-site.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openGates } from '../parts/gates.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['purge-due-site'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    ...openGates(environment, tables, deployment),
    sites,
  })
})
