import { system } from '../events/system.ts'
import type { Instant } from '../instant.ts'
import type { SiteChange } from '../site/change.ts'
import { remindOwner, skipNotices, warnOwner } from '../site/end/notices.ts'
import { dueStep, isDestructive } from '../site/next-step.ts'
import type { Site } from '../site/site.ts'
import type { DeadlinePorts, Swept } from './deadline-ports.ts'
import { sweepSites } from './sweep-sites.ts'

/** The rest comes a minute later. */
const mostNotices = 200

/** The notice that makes sense now, or none any more where the deadline itself has come. */
const noticeOf = (site: Site, ports: DeadlinePorts, causationId: string): SiteChange | undefined => {
  if (site.status !== 'active' && site.status !== 'archived') return undefined
  if (site.operation !== undefined) return undefined
  const policy = ports.policies.find(site.policyVersion)
  const due = dueStep(site, policy, ports.clocks.domain())
  if (due === undefined) return undefined
  const context = { actor: system, causationId, ...ports }
  if (isDestructive(due)) return skipNotices(site, policy, context)
  return site.status === 'active'
    ? remindOwner(site, due.daysBefore, context)
    : warnOwner(site, due.daysBefore, context)
}

/**
 * Commits the notices that are due; the mails follow from the events. A site whose deadline has come meanwhile is put among
 * those with which something is to be done: it waits its turn there.
 */
export const sendNotices = (ports: DeadlinePorts, now: Instant, causationId: string): Promise<Swept> => {
  const { sites, log } = ports
  return sweepSites(log, sites.listDue({ kind: 'notice', until: now }), { atMost: mostNotices }, async ({ id }) => {
    const site = await sites.get(id)
    const change = site && noticeOf(site, ports, causationId)
    return change !== undefined && (await sites.commit(change)).done
  })
}
