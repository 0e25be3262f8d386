import { SitewrightError } from '../errors.ts'
import { system } from '../events/event-names.ts'
import type { Instant } from '../instant.ts'
import type { SiteChange } from '../site/change.ts'
import { remindOwner, skipNotices, warnOwner } from '../site/end/notices.ts'
import { dueStep, isDestructive } from '../site/next-step.ts'
import type { Site } from '../site/site.ts'
import { beginDeletions, beginPaced } from './begin-due.ts'
import type { DeadlinePorts, Swept } from './sweep-sites.ts'
import { sweepSites } from './sweep-sites.ts'
import { watchClock, watchFlood } from './watch-brake.ts'

export interface DeadlineRun {
  readonly acted: number
  /** Sites whose step waits for the rate limit, the brake or the next run. */
  readonly waiting: number
}

const nothing: Swept = { acted: 0, left: [] }

const mostShown = 10_000

/**
 * Sends notices and begins destructive steps within the rate limit while the brake is off. A run is bounded; the next
 * one follows in a minute. Notices go first, because a site whose notices are all too late becomes due only then.
 * @throws {SitewrightError} `Unavailable` at the end if a site failed.
 */
export const actOnDeadlines = async (ports: DeadlinePorts, causationId: string): Promise<DeadlineRun> => {
  const { sites, clocks, log } = ports
  const now = clocks.domain()
  const isClockWrong = (await watchClock(ports, now)).tripped?.because === 'clock'
  const notices = isClockWrong ? nothing : await sendNotices(ports, now, causationId)
  const deletions = isClockWrong ? nothing : await beginDeletions(ports, now, causationId)
  const isStopped = isClockWrong || (await watchFlood(ports, now)).tripped !== undefined
  const paced = isStopped ? nothing : await beginPaced(ports, now, causationId)

  const waiting = await sites.countDue({ kind: 'destructive', until: now, atMost: mostShown })
  const acted = notices.acted + deletions.acted + paced.acted
  if (acted + waiting > 0) {
    log.info(
      {
        event: 'deadlines-checked',
        notices: notices.acted,
        deletions: deletions.acted,
        paced: paced.acted,
        waiting,
        isStopped,
      },
      'processed deadlines',
    )
  }
  const left = [...notices.left, ...deletions.left, ...paced.left]
  if (left.length > 0) throw new SitewrightError('Unavailable', `Deadline processing failed for: ${left.join(', ')}`)
  return { acted, waiting }
}

const mostNotices = 200

/** The notice to send now; none if the deadline itself has come. */
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
 * Commits the notices that are due; mails follow from their events. A site whose deadline has come is queued for its
 * destructive step.
 */
const sendNotices = (ports: DeadlinePorts, now: Instant, causationId: string): Promise<Swept> => {
  const { sites, log } = ports
  return sweepSites(log, sites.listDue({ kind: 'notice', until: now }), { atMost: mostNotices }, async ({ id }) => {
    const site = await sites.get(id)
    const change = site && noticeOf(site, ports, causationId)
    return change !== undefined && (await sites.commit(change)).done
  })
}
