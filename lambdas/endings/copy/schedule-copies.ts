import { SitewrightError } from '../../../core/errors.ts'
import { system } from '../../../core/events/event-names.ts'
import { copiesOf } from '../../../core/plan/plan.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import { reasonForNone } from '../../../core/site/copy-schedule.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { dueStep } from '../../../core/site/next-step.ts'
import { startOperationSoon } from '../../../core/site/operation-changes.ts'
import { isLive, type LiveSite } from '../../../core/site/site.ts'
import type { UsageStore } from '../../reports/usage/ports.ts'
import type { BrakeStore } from '../../trials/brake.ts'
import { beginCopy } from './take-copy.ts'

/** Does without a scheduled copy: the next one is counted from now. */
export const skipCopy = (
  site: LiveSite,
  because: NonNullable<ReturnType<typeof reasonForNone>>,
  context: ChangeContext,
): SiteChange<LiveSite> => {
  const isAsleep = because === 'unused' && site.status === 'asleep' && { isAsleep: true as const }
  const copying = { ...site.copying, lookedAt: context.clocks.domain(), ...isAsleep }
  const after = { ...site, version: site.version + 1, copying }
  return siteChange({ transition: 'skipCopy', before: site, after, details: { because } }, context)
}

export interface ScheduleCopiesPorts
  extends Pick<Context, 'clocks' | 'randomness' | 'log' | 'plans' | 'policies' | 'startsAtOnce'> {
  readonly sites: SiteStore
  readonly usage: Pick<UsageStore, 'lastUse'>
  readonly brakes: Pick<BrakeStore, 'read'>
  /** Those whose disk is there. */
  readonly cells: readonly string[]
  readonly workflows: Workflows
}

/** How many due sites one run reads. */
const mostLooks = 400
const endOfTime = '9999-12-31T23:59:59.999Z'

/** A site that waits for the archiver stands still, so only a few are copied at a time. */
const roomForCopies = async ({ sites, startsAtOnce }: ScheduleCopiesPorts): Promise<number> => {
  let room = startsAtOnce
  for await (const site of sites.listDue({ kind: 'operation', until: endOfTime })) {
    if (isLive(site) && site.operation?.kind === 'copy') room -= 1
  }
  return room
}

/** The change that is due now; undefined if the site has to wait, for a disk or for room. */
const dueChange = async (
  ports: ScheduleCopiesPorts,
  site: LiveSite,
  hasRoom: boolean,
  context: ChangeContext,
): Promise<SiteChange<LiveSite> | undefined> => {
  const copies = copiesOf(ports.plans, site.plan)
  const now = ports.clocks.domain()
  const due = dueStep(site, ports.policies.find(site.policyVersion), now, copies)
  if (copies === undefined || due?.step !== 'copy' || site.operation !== undefined) return undefined
  const facts = { dueAt: due.dueAt, now, lastUse: await ports.usage.lastUse(site.id) }
  const because = reasonForNone(site, facts)
  if (because !== undefined) return skipCopy(site, because, context)
  return hasRoom && ports.cells.includes(site.cell) ? beginCopy(site, context, { keep: copies.keep }) : undefined
}

/**
 * Begins the copies that the plans' schedules want, a few at a time, while the clock is right.
 * @throws {SitewrightError} `Unavailable` at the end if a site failed.
 */
export const takeScheduledCopies = async (ports: ScheduleCopiesPorts, causationId: string): Promise<void> => {
  const { sites, brakes, clocks, log } = ports
  // By a wrong clock, all sites would be due at once.
  if ((await brakes.read())?.tripped?.because === 'clock') return
  const context = { actor: system, causationId, ...ports }
  const failed: string[] = []
  let room: number | undefined
  let looks = 0
  for await (const { id } of sites.listDue({ kind: 'copy', until: clocks.domain() })) {
    room ??= await roomForCopies(ports)
    try {
      const site = await sites.get(id)
      const change = isLive(site) ? await dueChange(ports, site, room > 0, context) : undefined
      if (change !== undefined && (await sites.commit(change)).done && change.after.operation !== undefined) {
        room -= 1
        await startOperationSoon(ports, change.after)
      }
    } catch (error) {
      log.warn({ event: 'deadline-failed', siteId: id, err: error }, 'a scheduled copy could not be begun')
      failed.push(id)
    }
    looks += 1
    if (looks === mostLooks) break
  }
  if (failed.length > 0) throw new SitewrightError('Unavailable', `Scheduled copies failed for: ${failed.join(', ')}`)
}
