import { create } from '../../lambdas/events/count-sites.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openTables } from '../parts/tables.ts'
import { openTrialRoom } from '../parts/trial-room.ts'

export const handler = deployedFunction(environments['count-sites'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  return create({
    ...deployment,
    ...openTrialRoom(tables),
  })
})
