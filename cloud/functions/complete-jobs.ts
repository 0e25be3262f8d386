import { SFNClient } from '@aws-sdk/client-sfn'
import { createJobWaits } from '../../adapters/dynamodb/job-waits.ts'
import { createArchiverWatch, siteOfArchiverTask } from '../../adapters/ecs/archiver-watch.ts'
import { ecsClient } from '../../adapters/ecs/client.ts'
import { createCellDirectory } from '../../adapters/ssm/cell-directory.ts'
import { ssmClient } from '../../adapters/ssm/client.ts'
import { createTaskTokens } from '../../adapters/stepfunctions/task-tokens.ts'
import { create } from '../../lambdas/schedules/complete-jobs.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openArchives } from '../parts/archives.ts'
import { clientSettings } from '../parts/client-settings.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { waiting } from '../parts/waiting.ts'

export const handler = deployedFunction(environments['complete-jobs'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    ...waiting,
    jobWaits: createJobWaits(tables),
    jobWatch: createArchiverWatch({
      ecs: ecsClient(),
      cells: createCellDirectory({ ssm: ssmClient(), path: environment.CELL_PARAMETERS }),
      cellOf: async (siteId) => (await sites.get(siteId))?.cell,
      installation: deployment.names.installation,
      archives: openArchives(environment),
    }),
    taskTokens: createTaskTokens(new SFNClient(clientSettings)),
    siteOfArchiverTask,
  })
})
