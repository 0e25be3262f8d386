import { rememberingMeter } from '../../adapters/dynamodb/storage-readings.ts'
import { createArchiverMeter } from '../../adapters/ecs/archiver-meter.ts'
import { create } from '../../lambdas/schedules/meter-storage.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openArchiver } from '../parts/archiver.ts'
import { openArchives } from '../parts/archives.ts'
import { openBrake } from '../parts/gates.ts'
import { openPace } from '../parts/pace.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['meter-storage'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  const { wall } = deployment.clocks
  const archiver = openArchiver(environment, { ...deployment, sites })
  return create({
    ...deployment,
    ...openBrake(tables),
    sites,
    pace: openPace(tables, deployment),
    meter: rememberingMeter(createArchiverMeter({ archiver, archives: openArchives(environment), wall }), {
      ...tables,
      wall,
    }),
    workflows: openWorkflows(environment),
    isStopping: () => false,
  })
})
