import * as z from 'zod'
import type { FailOperationPorts } from '../../core/site/reclaim/fail-operation.ts'
import { failOperation } from '../../core/site/reclaim/fail-operation.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import type { LookAgainPorts } from './look-again.ts'
import { lookAgain } from './look-again.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

/** Step Functions puts the error that was caught beside the input. */
const inputSchema = operationAttemptSchema.extend({ error: z.object({ Error: z.string() }) })

export const create = (ports: FailOperationPorts & LookAgainPorts) =>
  taskHandler('FailOperation', inputSchema, ports.log, ({ error, ...attempt }) =>
    lookAgain(ports, 'ArchiveNotReady', () => failOperation(ports, attempt, error.Error)),
  )
