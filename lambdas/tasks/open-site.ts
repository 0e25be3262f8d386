import type { Log } from '../../core/ports/context.ts'
import { openSite } from '../../core/site/build/provision-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { buildAttemptSchema } from './build-attempt.ts'

export const create = (ports: Parameters<typeof openSite>[0] & { log: Log }) =>
  taskHandler('OpenSite', buildAttemptSchema, ports.log, (attempt) => openSite(ports, attempt))
