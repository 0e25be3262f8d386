import { restoreData } from '../../core/site/reclaim/restore-tasks.ts'
import type { AwaitJobsPorts } from './await-jobs.ts'
import { awaitJobs } from './await-jobs.ts'

export const create = (ports: Parameters<typeof restoreData>[0] & AwaitJobsPorts) =>
  awaitJobs('RestoreData', ports, restoreData)
