import type { DomainEvent } from '../../../core/events/event.ts'
import { isSiteEvent } from '../../../core/events/event-names.ts'
import { isTrialPlan } from '../../../core/plan/plan.ts'
import type { Clocks } from '../../../core/ports/context.ts'
import type { SiteTotals } from '../../../core/ports/site-lists.ts'
import { siteStatusSchema } from '../../../core/site/site.ts'
import type { RateWindows } from '../../rate-limits/count-in-windows.ts'
import { countNewTrial } from '../../trials/waiting-list/admit-trials.ts'
import type { WaitingList } from '../../trials/waiting-list/waiting-entry.ts'
import { countClaim } from '../pool/count-claims.ts'

export interface CountSitePorts {
  readonly totals: Pick<SiteTotals, 'count'>
  readonly rateWindows: Pick<RateWindows, 'count'>
  readonly waitingList: Pick<WaitingList, 'leave'>
  readonly clocks: Clocks
}

const firstOfOwner: ReadonlySet<string> = new Set(['SiteClaimed', 'PreparedSiteClaimed', 'SiteRequested'])

/** Updates the totals from an event of an owner's site. An account with a site leaves the waiting list. */
export const countSite = async (ports: CountSitePorts, event: DomainEvent): Promise<void> => {
  if (!isSiteEvent(event) || event.data.accountId === undefined) return
  const { status, plan, accountId } = event.data
  const { id } = event.aggregate
  const isFirst = firstOfOwner.has(event.type)
  const isByAgreement = isFirst && !isTrialPlan(plan)
  const standing = {
    id,
    ...(isByAgreement && { isByAgreement }),
    version: event.version,
    status: siteStatusSchema.parse(status),
    plan,
    at: event.at,
  }
  const outcome = await ports.totals.count(standing)
  if (!isFirst) return
  if (outcome === 'new') {
    if (!isByAgreement) await countNewTrial(ports.rateWindows, ports.clocks.wall())
    await countClaim(ports.rateWindows, event.data.blueprint.name, ports.clocks.wall())
  }
  await ports.waitingList.leave(accountId)
}
