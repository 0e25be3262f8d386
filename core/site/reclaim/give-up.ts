import type { Instant } from '../../instant.ts'
import type { OperationAttempt, OperationKind } from '../operation.ts'
import type { OperationOutcome, SiteUnder } from '../operation-changes.ts'
import { endOperation, retryOperation } from '../operation-changes.ts'
import type { ReclaimPorts } from './reclaim-ports.ts'
import { attemptContext, commitOrRepeat } from './reclaim-ports.ts'

/**
 * Ends an operation that is not to go on, and takes back what its attempt has made. First the fence is raised: a task of
 * the same attempt that is still at work somewhere can then no longer make the site live on what is about to go.
 * @param takeBack removes what the attempt made. Where it fails, or this process ends in it, a sweep makes another attempt.
 */
export const giveUp = async (
  ports: ReclaimPorts,
  site: SiteUnder<OperationKind>,
  attempt: OperationAttempt,
  ending: {
    readonly outcome: Exclude<OperationOutcome, 'done'>
    readonly because: string
    readonly reprievedUntil?: Instant
  },
  takeBack: () => Promise<void>,
): Promise<void> => {
  const context = attemptContext(ports, attempt)
  const raised = retryOperation(site, context)
  await commitOrRepeat(ports, raised)
  await takeBack()
  await commitOrRepeat(ports, endOperation(raised.after, ending.outcome, context, ending))
}
