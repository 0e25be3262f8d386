import { createAccountChanges, createAccountStore } from '../../adapters/dynamodb/account-store.ts'
import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { createIdempotencyStore } from '../../adapters/dynamodb/idempotency.ts'
import { createCheckouts } from '../../adapters/dynamodb/payment-records.ts'
import { createRateWindows } from '../../adapters/dynamodb/rate-windows.ts'
import { createSessionStore } from '../../adapters/dynamodb/signup-store.ts'
import { rememberedMeter } from '../../adapters/dynamodb/storage-readings.ts'
import { createAdmission } from '../../core/waiting-list/admission.ts'
import { create } from '../../lambdas/http/owner-api.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openArchiveLinks } from '../parts/archive-links.ts'
import { openDomains } from '../parts/domains.ts'
import { openOriginSecrets } from '../parts/origin-secrets.ts'
import { openPayments } from '../parts/payments.ts'
import { openSecrets } from '../parts/secrets.ts'
import { openSites, openTables, writing } from '../parts/tables.ts'
import { openTrialRoom } from '../parts/trial-room.ts'
import { waiting } from '../parts/waiting.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['owner-api'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  return create({
    ...deployment,
    sites: openSites(tables, deployment.policies),
    sessions: createSessionStore(tables),
    idempotency: createIdempotencyStore(tables),
    rateWindows: createRateWindows(tables),
    blueprints: createBlueprintStore(tables),
    ...openDomains(tables),
    accounts: createAccountStore(tables),
    accountChanges: createAccountChanges(writing(tables, deployment.policies)),
    checkouts: createCheckouts(tables),
    payments: openPayments(environment, deployment),
    meter: rememberedMeter(tables),
    workflows: openWorkflows(environment),
    archiveLinks: openArchiveLinks(environment, deployment),
    admission: createAdmission({ ...deployment, ...openTrialRoom(tables), ...waiting }),
    originSecrets: openOriginSecrets(environment, { ...deployment, secrets: openSecrets() }),
  })
})
