import { stopSite } from '../../core/site/end/suspend-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof stopSite>[0]) =>
  taskHandler('StopSite', operationAttemptSchema, ports.log, (attempt) => stopSite(ports, attempt))
