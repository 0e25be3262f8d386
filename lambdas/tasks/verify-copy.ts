import { verifyCopy } from '../../core/site/reclaim/archive-tasks.ts'
import type { AwaitJobsPorts } from './await-jobs.ts'
import { awaitJobs } from './await-jobs.ts'

export const create = (ports: Parameters<typeof verifyCopy>[0] & AwaitJobsPorts) =>
  awaitJobs('VerifyCopy', ports, verifyCopy)
