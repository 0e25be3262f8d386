import type { SiteId } from '../ids.ts'
import type { BrakeStore } from '../ports/brake.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { SiteTotals } from '../ports/site-lists.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'

/**
 * Does something with each site, one after the other; the trouble of one does not keep the others.
 * @param act returns whether it did anything.
 */
export const sweepSites = async <One extends { readonly id: SiteId }>(
  log: Log,
  sites: AsyncIterable<One> | Iterable<One>,
  { atMost }: { readonly atMost: number },
  act: (site: One) => Promise<boolean>,
): Promise<Swept> => {
  let acted = 0
  let seen = 0
  const left: string[] = []
  for await (const site of sites) {
    seen += 1
    try {
      if (await act(site)) acted += 1
    } catch (error) {
      log.warn({ event: 'deadline-failed', siteId: site.id, err: error }, 'what is due could not be done with a site')
      left.push(site.id)
    }
    // Before the next one is asked for: it may be on a page that nobody has read yet.
    if (seen === atMost) break
  }
  return { acted, left }
}

export interface DeadlinePorts {
  readonly sites: SiteStore
  readonly brakes: BrakeStore
  readonly totals: Pick<SiteTotals, 'read'>
  readonly policies: TrialPolicies
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
  /** Whether somebody is turning the domain clock on purpose at this moment: then it does not jump, whatever it does. */
  readonly clockIsTurned: () => boolean
}

/** What one part of a sweep did. */
export interface Swept {
  readonly acted: number
  /** The sites with which it had trouble. */
  readonly left: readonly string[]
}
