import { createJobWaits } from '../../adapters/dynamodb/job-waits.ts'
import { create } from '../../lambdas/tasks/verify-copy.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openArchiver } from '../parts/archiver.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['verify-copy'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    jobWaits: createJobWaits(tables),
    sites,
    archiver: openArchiver(environment, { ...deployment, sites }),
  })
})
