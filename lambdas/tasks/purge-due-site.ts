import { purgeDueSite } from '../../core/site/end/purge-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof purgeDueSite>[0]) =>
  taskHandler('PurgeSite', operationAttemptSchema, ports.log, (attempt) => purgeDueSite(ports, attempt))
