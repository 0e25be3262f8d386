import type { FailOperationPorts } from '../../core/site/end/fail-operation.ts'
import { failOperation } from '../../core/site/end/fail-operation.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { failedAttemptSchema } from './failed-attempt.ts'

export const create = (ports: FailOperationPorts) =>
  taskHandler('FailOperation', failedAttemptSchema, ports.log, ({ error, ...attempt }) =>
    failOperation(ports, attempt, error.Error),
  )
