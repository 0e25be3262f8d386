import { create } from '../../lambdas/tasks/pause-site.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { waiting } from '../parts/waiting.ts'

export const handler = deployedFunction(environments['pause-site'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    ...waiting,
    sites,
  })
})
