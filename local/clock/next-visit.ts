import { nextWakeUp } from '../../core/deadlines/find-next-wake-up.ts'
import type { DeadlinePorts } from '../../core/deadlines/sweep-sites.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { dueEntry } from '../../core/site/next-step.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'

type NextVisitPorts = Pick<DeadlinePorts, 'sites' | 'brakes' | 'totals'> & { readonly policies: TrialPolicies }

export interface Way {
  readonly now: Instant
  readonly until: Instant
  /** Sites whose deadlines are put off again and again and are not worth a stop of their own. */
  readonly leftOut: ReadonlySet<SiteId>
}

/** The first deadline after an instant, and not beyond the end of the way, of a site that is not left out. */
const firstDueOnTheWay =
  ({ sites, policies }: NextVisitPorts, { now, until, leftOut }: Way): SiteStore['firstDue'] =>
  async ({ kind, after = now }) => {
    for await (const site of sites.listDue({ kind, until })) {
      const at = dueEntry(site, policies.find(site.policyVersion))?.at
      if (at !== undefined && at > after && !leftOut.has(site.id)) return at
    }
    return undefined
  }

/**
 * Where the clock has to stand next on its way, where a sweep at `now` has done all it can: when it wants to be woken again.
 * Undefined where nothing more happens before the end of the way.
 */
export const nextVisit = async (ports: NextVisitPorts, way: Way): Promise<Instant | undefined> => {
  const sites = way.leftOut.size === 0 ? ports.sites : { ...ports.sites, firstDue: firstDueOnTheWay(ports, way) }
  const next = await nextWakeUp({ ...ports, sites }, way.now, { acted: 0 })
  return next !== undefined && next > way.now && next <= way.until ? next : undefined
}
