import { create } from '../../lambdas/schedules/heal-builds.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['heal-builds'], async (environment) => {
  const deployment = deploymentOf(environment)
  return create({
    ...deployment,
    sites: openSites(openTables(environment), deployment.policies),
    workflows: openWorkflows(environment),
  })
})
