import { copyData } from '../../core/site/reclaim/archive-tasks.ts'
import type { AwaitJobsPorts } from './await-jobs.ts'
import { awaitJobs } from './await-jobs.ts'

export const create = (ports: Parameters<typeof copyData>[0] & AwaitJobsPorts) => awaitJobs('CopyData', ports, copyData)
