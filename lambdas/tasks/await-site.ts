import type { Log } from '../../core/ports/context.ts'
import { checkReady } from '../../core/site/build/provision-site.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { buildAttemptSchema } from './build-attempt.ts'
import type { LookAgainPorts } from './look-again.ts'
import { lookAgain } from './look-again.ts'

export type AwaitSitePorts = Parameters<typeof checkReady>[0] & LookAgainPorts & { readonly log: Log }

export const create = (ports: AwaitSitePorts) =>
  taskHandler('AwaitSite', buildAttemptSchema, ports.log, (attempt) =>
    lookAgain(ports, 'SiteNotReady', () => checkReady(ports, attempt)),
  )
