import type { SiteId } from '../ids.ts'
import type { BrakeStore } from '../ports/brake.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { SiteTotals } from '../ports/site-lists.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import type { TrialPolicies } from '../site/trial-policies.ts'

/**
 * Processes sites one after the other; one failure does not stop the others.
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
    // Before the next read: it may load another page.
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
  /** Whether the domain clock is being advanced on purpose: then it does not count as a jump. */
  readonly clockIsTurned: () => boolean
}

export interface Swept {
  readonly acted: number
  /** The sites that failed. */
  readonly left: readonly string[]
}
