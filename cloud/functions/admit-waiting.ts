import { createAccountStore } from '../../adapters/dynamodb/account-store.ts'
import { create } from '../../lambdas/schedules/admit-waiting.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openMailer } from '../parts/mailer.ts'
import { openTables } from '../parts/tables.ts'
import { openTrialRoom } from '../parts/trial-room.ts'

export const handler = deployedFunction(environments['admit-waiting'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  return create({
    ...deployment,
    ...openTrialRoom(tables),
    accounts: createAccountStore(tables),
    mailer: openMailer(environment, { ...deployment, tables }),
  })
})
