import { createAccountStore } from '../../adapters/dynamodb/account-store.ts'
import { createBillingReconciliations } from '../../adapters/dynamodb/billing-reconciliations.ts'
import { createBrakeStore } from '../../adapters/dynamodb/operator-controls.ts'
import { createSiteLists } from '../../adapters/dynamodb/site-lists.ts'
import { createAdmission } from '../../core/waiting-list/admission.ts'
import { create } from '../../lambdas/http/operator-api.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openOperatorTokens } from '../parts/operator-tokens.ts'
import { openOriginSecrets } from '../parts/origin-secrets.ts'
import { openSecrets } from '../parts/secrets.ts'
import { openSites, openTables, writing } from '../parts/tables.ts'
import { openTrialRoom } from '../parts/trial-room.ts'
import { waiting } from '../parts/waiting.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['operator-api'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  const room = openTrialRoom(tables)
  return create({
    ...deployment,
    sites,
    siteLists: createSiteLists(tables),
    accounts: createAccountStore(tables),
    ...room,
    brakes: createBrakeStore(tables),
    reconciliations: createBillingReconciliations(writing(tables, deployment.policies)),
    admission: createAdmission({ ...deployment, ...room, ...waiting }),
    workflows: openWorkflows(environment),
    operatorTokens: openOperatorTokens(environment, deployment),
    originSecrets: openOriginSecrets(environment, { ...deployment, secrets: openSecrets() }),
  })
})
