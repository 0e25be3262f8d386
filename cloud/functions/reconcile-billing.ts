import { createAccountStore } from '../../adapters/dynamodb/account-store.ts'
import { createBillingReconciliations } from '../../adapters/dynamodb/billing-reconciliations.ts'
import { create } from '../../lambdas/schedules/reconcile-billing.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openPayments } from '../parts/payments.ts'
import { openSites, openTables, writing } from '../parts/tables.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['reconcile-billing'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  return create({
    ...deployment,
    sites: openSites(tables, deployment.policies),
    accounts: createAccountStore(tables),
    payments: openPayments(environment, deployment),
    reconciliations: createBillingReconciliations(writing(tables, deployment.policies)),
    workflows: openWorkflows(environment),
  })
})
