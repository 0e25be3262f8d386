import { createAccountStore } from '../../adapters/dynamodb/account-store.ts'
import { createDomainStore } from '../../adapters/dynamodb/domain-store.ts'
import { create } from '../../lambdas/events/mail-domain.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openMailer } from '../parts/mailer.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['mail-domain'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  return create({
    ...deployment,
    sites: openSites(tables, deployment.policies),
    domains: createDomainStore({ ...tables, outbox: false }),
    accounts: createAccountStore(tables),
    mailer: openMailer(environment, { ...deployment, tables }),
  })
})
