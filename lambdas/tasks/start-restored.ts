import { startRestored } from '../../core/site/end/restore-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof startRestored>[0]) =>
  taskHandler('StartRestored', operationAttemptSchema, ports.log, (attempt) => startRestored(ports, attempt))
