import { releaseData } from '../../core/site/end/archive-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import type { LookAgainPorts } from './look-again.ts'
import { lookAgain } from './look-again.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof releaseData>[0] & LookAgainPorts) =>
  taskHandler('ReleaseData', operationAttemptSchema, ports.log, (attempt) =>
    lookAgain(ports, 'ArchiveNotReady', () => releaseData(ports, attempt)),
  )
