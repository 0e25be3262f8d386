import { pauseSite } from '../../core/site/copy/take-copy.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof pauseSite>[0]) =>
  taskHandler('PauseSite', operationAttemptSchema, ports.log, (attempt) => pauseSite(ports, attempt))
