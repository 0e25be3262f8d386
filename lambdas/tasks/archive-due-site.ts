import { archiveDueSite } from '../../core/site/end/archive-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof archiveDueSite>[0]) =>
  taskHandler('ArchiveSite', operationAttemptSchema, ports.log, (attempt) => archiveDueSite(ports, attempt))
