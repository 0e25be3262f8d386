import { create } from '../../lambdas/tasks/fail-site.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['fail-site'], async (environment) => {
  const deployment = deploymentOf(environment)
  return create({ ...deployment, sites: openSites(openTables(environment), deployment.policies) })
})
