import { removeRemains } from '../../core/site/reclaim/purge-tasks.ts'
import type { AwaitJobsPorts } from './await-jobs.ts'
import { awaitJobs } from './await-jobs.ts'

export const create = (ports: Parameters<typeof removeRemains>[0] & AwaitJobsPorts) =>
  awaitJobs('RemoveRemains', ports, removeRemains)
