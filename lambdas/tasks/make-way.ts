import { makeWayForSize } from '../../core/site/resize/resize-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof makeWayForSize>[0]) =>
  taskHandler('MakeWay', operationAttemptSchema, ports.log, (attempt) => makeWayForSize(ports, attempt))
