import { suspendDueSite } from '../../core/site/end/suspend-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof suspendDueSite>[0]) =>
  taskHandler('SuspendSite', operationAttemptSchema, ports.log, (attempt) => suspendDueSite(ports, attempt))
