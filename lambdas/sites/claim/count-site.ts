import type { DomainEvent, SiteEvent } from '../../../core/events/event.ts'
import { isSiteEvent } from '../../../core/events/event-names.ts'
import type { AccountId } from '../../../core/ids.ts'
import { type Instant, toInstant } from '../../../core/instant.ts'
import { isTrialPlan } from '../../../core/plan/plan.ts'
import type { Clocks } from '../../../core/ports/context.ts'
import type { SiteTotals } from '../../../core/ports/site-lists.ts'
import { isTrialOf } from '../../../core/site/ownership.ts'
import { siteStatusSchema } from '../../../core/site/site.ts'
import type { RateWindow, RateWindows } from '../../rate-limits/count-in-windows.ts'
import { countNewTrial } from '../../trials/waiting-list/admit-trials.ts'
import type { WaitingList } from '../../trials/waiting-list/waiting-entry.ts'

const hour = 60 * 60_000

const hourOf = (now: Instant): number => Math.floor(Date.parse(now) / hour) * hour

const windowAt = (blueprint: string, start: number): RateWindow => ({
  key: `claims-${blueprint}-${start}`,
  endsAt: toInstant(new Date(start + 2 * hour)),
})

/** Counts a site that somebody asked for, by the wall clock. */
export const countClaim = (rateWindows: Pick<RateWindows, 'count'>, blueprint: string, now: Instant) =>
  rateWindows.count([windowAt(blueprint, hourOf(now))])

/** The claims of each blueprint in the present hour and the one before. */
export const recentClaims = async (
  rateWindows: Pick<RateWindows, 'read'>,
  blueprints: readonly string[],
  now: Instant,
): Promise<readonly number[]> => {
  const start = hourOf(now)
  const counts = await rateWindows.read(
    blueprints.flatMap((name) => [windowAt(name, start), windowAt(name, start - hour)]),
  )
  return blueprints.map((_, index) => (counts[2 * index] ?? 0) + (counts[2 * index + 1] ?? 0))
}

interface CountSitePorts {
  readonly totals: Pick<SiteTotals, 'count'>
  readonly rateWindows: Pick<RateWindows, 'count'>
  readonly waitingList: Pick<WaitingList, 'find' | 'replace' | 'leave'>
  readonly clocks: Clocks
}

const firstOfOwner: ReadonlySet<string> = new Set(['SiteClaimed', 'PreparedSiteClaimed', 'SiteRequested'])

const movesList: ReadonlySet<string> = new Set([...firstOfOwner, 'SiteOpened', 'SiteFailed'])

/**
 * Changes the entry of an account by the trial for which it waits.
 * @param isNew whether the site was not counted before: a build that begins changes nothing if its end came first.
 */
const followTrial = async ({ waitingList }: CountSitePorts, accountId: AccountId, event: SiteEvent, isNew: boolean) => {
  const { aggregate, data } = event
  const entry = await waitingList.find(accountId)
  if (entry === undefined || !isTrialOf(data, entry.trialOf) || (data.status === 'building' && !isNew)) return
  if (data.status === 'failed') {
    if (entry.status !== 'invited' || entry.site !== aggregate.id) return
    const { site: _, ...invited } = entry
    await waitingList.replace(entry, invited)
  } else if (data.status === 'building' && entry.status === 'invited') {
    await waitingList.replace(entry, { ...entry, site: aggregate.id })
  } else await waitingList.leave(accountId)
}

/** Updates the totals and the waiting list from an event of an owner's site. */
export const countSite = async (ports: CountSitePorts, event: DomainEvent): Promise<void> => {
  if (!isSiteEvent(event) || event.data.accountId === undefined) return
  const { status, plan, accountId } = event.data
  const isFirst = firstOfOwner.has(event.type)
  const isByAgreement = isFirst && !isTrialPlan(plan)
  const outcome = await ports.totals.count({
    id: event.aggregate.id,
    ...(isByAgreement && { isByAgreement }),
    version: event.version,
    status: siteStatusSchema.parse(status),
    plan,
    at: event.at,
  })
  if (movesList.has(event.type)) await followTrial(ports, accountId, event, outcome === 'new')
  if (isFirst && outcome === 'new') {
    if (!isByAgreement) await countNewTrial(ports.rateWindows, ports.clocks.wall())
    await countClaim(ports.rateWindows, event.data.blueprint.name, ports.clocks.wall())
  }
}
