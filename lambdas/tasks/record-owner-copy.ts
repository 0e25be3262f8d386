import { recordOwnerCopy } from '../../core/site/copy/take-copy.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof recordOwnerCopy>[0]) =>
  taskHandler('RecordCopy', operationAttemptSchema, ports.log, (attempt) => recordOwnerCopy(ports, attempt))
