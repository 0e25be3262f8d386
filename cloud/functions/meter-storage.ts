import { createArchiverMeter } from '../../adapters/ecs/archiver-meter.ts'
import { create } from '../../lambdas/schedules/meter-storage.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openArchiver } from '../parts/archiver.ts'
import { openArchives } from '../parts/archives.ts'
import { openGates } from '../parts/gates.ts'
import { openPace } from '../parts/pace.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['meter-storage'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  const archiver = openArchiver(environment, { ...deployment, sites })
  return create({
    ...deployment,
    ...openGates(tables, deployment),
    sites,
    pace: openPace(tables, deployment),
    meter: createArchiverMeter({ archiver, archives: openArchives(environment), wall: deployment.clocks.wall }),
    workflows: openWorkflows(environment),
    isStopping: () => false,
  })
})
