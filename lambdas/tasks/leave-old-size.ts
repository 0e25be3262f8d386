import { leaveOldSize } from '../../core/site/resize/resize-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof leaveOldSize>[0]) =>
  taskHandler('LeaveOldSize', operationAttemptSchema, ports.log, (attempt) => leaveOldSize(ports, attempt))
