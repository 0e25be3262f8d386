import { SFNClient } from '@aws-sdk/client-sfn'
import { ecsClient, ssmClient } from '../../adapters/cells/clients.ts'
import { createArchiverWatch, siteOfArchiverTask } from '../../adapters/ecs/archiver-tasks.ts'
import type { createArchiveBucket } from '../../adapters/s3/archive-store.ts'
import { createCellDirectory } from '../../adapters/ssm/cell-directory.ts'
import { createTaskTokens } from '../../adapters/stepfunctions/step-functions.ts'
import type { CloudContext } from '../context.ts'
import { clientSettings } from './client-settings.ts'

/** What completes the tasks of state machines that await a job of the archiver. */
export const openAwaitedJobs = (context: CloudContext, archives: ReturnType<typeof createArchiveBucket>) => ({
  jobWatch: createArchiverWatch({
    ecs: ecsClient(),
    cells: createCellDirectory({ ssm: ssmClient(), path: context.variable('CELL_PARAMETERS') }),
    archives,
  }),
  taskTokens: createTaskTokens(new SFNClient(clientSettings)),
  siteOfArchiverTask,
})
