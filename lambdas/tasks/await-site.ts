import { setTimeout as pause } from 'node:timers/promises'
import { isErrorOfKind } from '../../core/errors.ts'
import type { Log } from '../../core/ports/log.ts'
import type { BuildAttempt } from '../../core/site/provision-tasks.ts'
import { checkReady } from '../../core/site/provision-tasks.ts'
import { taskHandler } from '../_runtime/task-handler.ts'
import { buildAttemptSchema } from './build-attempt.ts'

export type AwaitSitePorts = Parameters<typeof checkReady>[0] & {
  readonly log: Log
  /** How long to wait between two looks, in milliseconds: short on one machine, where a site is up in a moment. */
  readonly lookEveryMilliseconds: number
  /** Milliseconds that pass evenly, whatever the clocks are set to. */
  readonly monotonic: () => number
}

/**
 * One call looks again and again for so long; then the state machine's Retry, whose shortest pause is a second, goes on. A
 * look takes as long as the health probe waits, so this is measured, and leaves the task's time limit far away.
 */
const patienceMilliseconds = 5000

const awaitReady = async (ports: AwaitSitePorts, attempt: BuildAttempt): Promise<void> => {
  const lastLookAt = ports.monotonic() + patienceMilliseconds - ports.lookEveryMilliseconds
  for (;;) {
    try {
      return await checkReady(ports, attempt)
    } catch (error) {
      if (!isErrorOfKind(error, 'SiteNotReady') || ports.monotonic() >= lastLookAt) throw error
    }
    await pause(ports.lookEveryMilliseconds)
  }
}

export const create = (ports: AwaitSitePorts) =>
  taskHandler('AwaitSite', buildAttemptSchema, ports.log, (attempt) => awaitReady(ports, attempt))
