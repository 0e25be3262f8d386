import { unpauseSite } from '../../core/site/copy/take-copy.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import type { LookAgainPorts } from './look-again.ts'
import { lookAgain } from './look-again.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

export const create = (ports: Parameters<typeof unpauseSite>[0] & LookAgainPorts) =>
  taskHandler('UnpauseSite', operationAttemptSchema, ports.log, (attempt) =>
    lookAgain(ports, 'SiteNotReady', () => unpauseSite(ports, attempt)),
  )
