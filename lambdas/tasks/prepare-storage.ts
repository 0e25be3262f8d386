import type { Log } from '../../core/ports/context.ts'
import { prepareStorage } from '../../core/site/build/provision-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { buildAttemptSchema } from './build-attempt.ts'

export const create = (ports: Parameters<typeof prepareStorage>[0] & { log: Log }) =>
  taskHandler('PrepareStorage', buildAttemptSchema, ports.log, (attempt) => prepareStorage(ports, attempt))
