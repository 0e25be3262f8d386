import type { Log } from '../../core/ports/context.ts'
import { removeFailedSite } from '../../core/site/build/provision-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { buildAttemptSchema } from './build-attempt.ts'

export const create = (ports: Parameters<typeof removeFailedSite>[0] & { log: Log }) =>
  taskHandler('RemoveFailedSite', buildAttemptSchema, ports.log, ({ siteId }) => removeFailedSite(ports, siteId))
