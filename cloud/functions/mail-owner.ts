import { createAccountStore } from '../../adapters/dynamodb/account-store.ts'
import { create } from '../../lambdas/events/mail-owner.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openMailer } from '../parts/mailer.ts'
import { openSites, openTables } from '../parts/tables.ts'

export const handler = deployedFunction(environments['mail-owner'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  return create({
    ...deployment,
    sites: openSites(tables, deployment.policies),
    accounts: createAccountStore(tables),
    mailer: openMailer(environment, { ...deployment, tables }),
  })
})
