import type { ReclaimPorts } from '../commit-attempt.ts'
import { attemptContext, commitOrRepeat } from '../commit-attempt.ts'
import type { Ending, OperationAttempt, OperationKind } from '../operation.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { condemnOperation, endOperation } from '../operation-changes.ts'
import type { KeptSite, PurgedSite } from '../site.ts'

/**
 * Ends an operation that is not to go on, and takes back what its attempt has made. First the fence is raised: a task of
 * the same attempt that is still at work somewhere can then no longer make the site live on what is about to go.
 * @param takeBack removes what the attempt made. Where it fails, or this process ends in it, a sweep ends the operation, and
 *   what is left goes with what else is left over.
 */
export const giveUp = async (
  ports: ReclaimPorts,
  site: SiteUnder<OperationKind>,
  attempt: OperationAttempt,
  ending: Ending,
  takeBack: () => Promise<void>,
): Promise<void> => {
  const context = attemptContext(ports, attempt)
  let condemned: KeptSite | PurgedSite = site
  if (site.operation.ending === undefined) {
    const change = condemnOperation(site, ending, context)
    await commitOrRepeat(ports, change)
    condemned = change.after
  }
  await takeBack()
  await commitOrRepeat(ports, endOperation(condemned, ending.outcome, context, ending))
}
