import type { Log } from '../../core/ports/context.ts'
import { startSite } from '../../core/site/build/provision-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { buildAttemptSchema } from './build-attempt.ts'

export const create = (ports: Parameters<typeof startSite>[0] & { log: Log }) =>
  taskHandler('StartSite', buildAttemptSchema, ports.log, (attempt) => startSite(ports, attempt))
