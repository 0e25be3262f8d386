import { failResize } from '../../core/site/resize/fail-resize.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { failedAttemptSchema } from './failed-attempt.ts'
import type { LookAgainPorts } from './look-again.ts'
import { lookAgain } from './look-again.ts'

export const create = (ports: Parameters<typeof failResize>[0] & LookAgainPorts) =>
  taskHandler('FailResize', failedAttemptSchema, ports.log, ({ error, ...attempt }) =>
    lookAgain(ports, 'SiteNotReady', () => failResize(ports, attempt, error.Error)),
  )
