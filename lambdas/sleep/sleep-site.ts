import { SitewrightError } from '../../core/errors.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import type { Endpoint } from '../../core/site/location.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import {
  attemptContext,
  commitOrRepeat,
  endOperation,
  type ReclaimPorts,
  requireOperation,
  type SiteUnder,
} from '../../core/site/operation-changes.ts'
import { type DrainPorts, drain } from '../releases/swap/drain.ts'
import type { UsageStore } from '../reports/usage/ports.ts'
import { fallAsleep, requestWake } from './sleep-changes.ts'

export interface SleepPorts extends ReclaimPorts, DrainPorts {
  readonly workflows: Workflows
  readonly usage: Pick<UsageStore, 'lastUse'>
}

/** In milliseconds. Nobody uses the site, so there is hardly a request to wait for. */
const longestDrain = 30_000

const isInUse = async (
  ports: SleepPorts,
  { id, operation }: SiteUnder<'sleep'>,
  endpoint: Endpoint | undefined,
): Promise<boolean> => {
  const lastUse = await ports.usage.lastUse(id)
  if (lastUse !== undefined && lastUse >= operation.requestedAt) return true
  return endpoint !== undefined && ((await ports.openRequests.at(endpoint)) ?? 0) > 0
}

/**
 * Records that a site sleeps, unless it was used since the request, and waits for the requests in progress. Its address
 * goes in the same write, so that no request reaches a site that sleeps. Then looks again: a router may have sent a request
 * that it stored after the first look, and on AWS it alone knows how long that lasts. Such a site wakes without being stopped.
 * @throws {SitewrightError} `OperationSuperseded` also for a site that is in use: it keeps running.
 */
export const putToSleep = async (ports: SleepPorts, attempt: OperationAttempt): Promise<void> => {
  let site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'sleep')
  if (site.status === 'active') {
    const context = attemptContext(ports, attempt)
    if (await isInUse(ports, site, site.endpoint)) {
      await commitOrRepeat(ports, endOperation(site, 'refused', context, { because: 'in-use' }))
      throw new SitewrightError('OperationSuperseded', `${site.id} is in use, so it does not sleep.`)
    }
    const change = fallAsleep(site, context)
    await commitOrRepeat(ports, change)
    site = requireOperation(change.after, attempt, 'sleep')
  }
  await drain(ports, site.operation.leaving, longestDrain)
  if (!(await isInUse(ports, site, site.operation.leaving))) return
  await requestWake(ports, site.id, attemptContext(ports, attempt).causationId)
  throw new SitewrightError('OperationSuperseded', `${site.id} is in use, so it is not stopped.`)
}
