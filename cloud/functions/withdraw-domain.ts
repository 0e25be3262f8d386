import { create } from '../../lambdas/events/withdraw-domain.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openDomains } from '../parts/domains.ts'
import { openTables } from '../parts/tables.ts'
import { openTenants } from '../parts/tenants.ts'

export const handler = deployedFunction(environments['withdraw-domain'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const { domains } = openDomains(tables)
  return create({ ...deployment, domains, edge: openTenants(environment, deployment) })
})
