import { create } from '../../lambdas/tasks/stop-site.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openCells } from '../parts/cells.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['stop-site'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    sites,
    ...openCells(environment, { ...deployment, tables, sites }),
  })
})
