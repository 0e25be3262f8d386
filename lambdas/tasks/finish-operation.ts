import { finishOperation } from '../../core/site/end/suspend-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof finishOperation>[0]) =>
  taskHandler('FinishOperation', operationAttemptSchema, ports.log, (attempt) => finishOperation(ports, attempt))
