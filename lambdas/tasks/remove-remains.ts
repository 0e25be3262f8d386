import { removeRemains } from '../../core/site/end/purge-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import type { LookAgainPorts } from './look-again.ts'
import { lookAgain } from './look-again.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof removeRemains>[0] & LookAgainPorts) =>
  taskHandler('RemoveRemains', operationAttemptSchema, ports.log, (attempt) =>
    lookAgain(ports, 'ArchiveNotReady', () => removeRemains(ports, attempt)),
  )
