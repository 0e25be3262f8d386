import { create } from '../../lambdas/events/follow-site-domains.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openDomains } from '../parts/domains.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['follow-site-domains'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  return create({ ...deployment, ...openDomains(tables), sites: openSites(tables, deployment.policies) })
})
