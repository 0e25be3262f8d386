import * as z from 'zod'
import type { FailOperationPorts } from '../../core/site/reclaim/fail-operation.ts'
import { failOperation } from '../../core/site/reclaim/fail-operation.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { operationAttemptSchema } from './operation-attempt.ts'

/** Step Functions puts the error that was caught beside the input. */
const inputSchema = operationAttemptSchema.extend({ error: z.object({ Error: z.string() }) })

export const create = (ports: FailOperationPorts) =>
  taskHandler('FailOperation', inputSchema, ports.log, ({ error, ...attempt }) =>
    failOperation(ports, attempt, error.Error),
  )
