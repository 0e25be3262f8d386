import * as z from 'zod'
import type { Log } from '../../core/ports/context.ts'
import { failSite } from '../../core/site/build/provision-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { buildAttemptSchema } from './build-attempt.ts'

/** Step Functions puts the error that was caught beside the input. */
const inputSchema = buildAttemptSchema.extend({ error: z.object({ Error: z.string() }) })

export const create = (ports: Parameters<typeof failSite>[0] & { log: Log }) =>
  taskHandler('FailSite', inputSchema, ports.log, ({ error, ...attempt }) => failSite(ports, attempt, error.Error))
