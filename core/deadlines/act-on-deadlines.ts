import { SitewrightError } from '../errors.ts'
import { beginDeletions, beginPaced } from './begin-due.ts'
import type { DeadlinePorts, Swept } from './deadline-ports.ts'
import { sendNotices } from './send-notices.ts'
import { watchClock } from './watch-clock.ts'
import { watchFlood } from './watch-flood.ts'

export interface DeadlineRun {
  /** Sites with which something was done. */
  readonly acted: number
  /** Sites that something is to be taken away from, and that wait: for the pace, for the brake, for the next run. */
  readonly waiting: number
}

const nothing: Swept = { acted: 0, left: [] }

/** A number to look at: nobody needs it exactly. */
const mostShown = 10_000

/**
 * Does what is due: tells owners, and begins what takes something away from them, at the pace and while the brake is off.
 * Bounded per run: what is left over comes a minute later. Notices go before the count of what is due, because a site
 * whose notices are all too late is among what is counted only then.
 * @throws {SitewrightError} `Unavailable` at the end where there was trouble with a site, so that somebody hears of it.
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
      'deadlines were looked at',
    )
  }
  const left = [...notices.left, ...deletions.left, ...paced.left]
  if (left.length > 0)
    throw new SitewrightError('Unavailable', `With these sites there was trouble: ${left.join(', ')}`)
  return { acted, waiting }
}
