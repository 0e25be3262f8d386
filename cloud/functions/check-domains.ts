import { create } from '../../lambdas/schedules/check-domains.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openDomains } from '../parts/domains.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { openTenants } from '../parts/tenants.ts'

export const handler = deployedFunction(environments['check-domains'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const looking = openDomains(tables)
  return create({
    ...deployment,
    ...looking,
    edge: { ...looking.edge, ...openTenants(environment, deployment) },
    sites: openSites(tables, deployment.policies),
  })
})
