import { create } from '../../lambdas/tasks/finish-operation.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['finish-operation'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    sites,
  })
})
