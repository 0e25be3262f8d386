import { moveSiteToSize } from '../../core/site/resize/resize-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import type { LookAgainPorts } from './look-again.ts'
import { lookAgain } from './look-again.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof moveSiteToSize>[0] & LookAgainPorts) =>
  taskHandler('MoveToSize', operationAttemptSchema, ports.log, (attempt) =>
    lookAgain(ports, 'SiteNotReady', () => moveSiteToSize(ports, attempt)),
  )
