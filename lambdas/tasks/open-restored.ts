import { openRestored } from '../../core/site/end/restore-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import type { LookAgainPorts } from './look-again.ts'
import { lookAgain } from './look-again.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof openRestored>[0] & LookAgainPorts) =>
  taskHandler('OpenRestored', operationAttemptSchema, ports.log, (attempt) =>
    lookAgain(ports, 'SiteNotReady', () => openRestored(ports, attempt)),
  )
