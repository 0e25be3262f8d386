import { SitewrightError } from '../errors.ts'
import type { UsageStore } from '../ports/usage.ts'
import type { ReclaimPorts } from '../site/change-site.ts'
import { attemptContext, commitOrRepeat } from '../site/change-site.ts'
import type { OperationAttempt } from '../site/operation.ts'
import type { SiteUnder } from '../site/operation-changes.ts'
import { endOperation, requireOperation } from '../site/operation-changes.ts'
import type { DrainPorts } from '../site/resize/drain.ts'
import { drain } from '../site/resize/drain.ts'
import type { ActiveSite } from '../site/site.ts'
import { fallAsleep } from './sleep-changes.ts'

export interface SleepPorts extends ReclaimPorts, DrainPorts {
  readonly usage: Pick<UsageStore, 'lastUse'>
}

/** In milliseconds. Nobody uses the site, so there is hardly a request to wait for. */
const longestDrain = 30_000

const isInUse = async (ports: SleepPorts, site: ActiveSite & SiteUnder<'sleep'>): Promise<boolean> => {
  const { requestedAt } = site.operation
  const lastUse = await ports.usage.lastUse(site.id)
  if (lastUse !== undefined && lastUse >= requestedAt) return true
  return site.endpoint !== undefined && ((await ports.openRequests.at(site.endpoint)) ?? 0) > 0
}

/**
 * Records that a site sleeps, unless it was used since the request, and waits for the requests in progress. Its address
 * goes in the same write, so that no request reaches a site that sleeps.
 * @throws {SitewrightError} `OperationSuperseded` also for a site that is in use: it keeps running.
 */
export const putToSleep = async (ports: SleepPorts, attempt: OperationAttempt): Promise<void> => {
  let site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'sleep')
  if (site.status === 'active') {
    const context = attemptContext(ports, attempt)
    if (await isInUse(ports, site)) {
      await commitOrRepeat(ports, endOperation(site, 'refused', context, { because: 'in-use' }))
      throw new SitewrightError('OperationSuperseded', `${site.id} is in use, so it does not sleep.`)
    }
    const change = fallAsleep(site, context)
    await commitOrRepeat(ports, change)
    site = requireOperation(change.after, attempt, 'sleep')
  }
  await drain(ports, site.operation.leaving, longestDrain)
}
