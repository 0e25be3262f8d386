import type { Stretch } from '../brake/forecast.ts'
import { plusMilliseconds } from '../instant.ts'
import type { SiteStore } from '../ports/stores.ts'
import { nextDestructiveStep } from '../site/next-step.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'

interface LookAheadPorts {
  readonly sites: Pick<SiteStore, 'countDue' | 'listDue'>
  readonly policies: TrialPolicies
}

/** More than this is a flood however it is counted. */
export const mostCounted = 1_000_000

/** Those that have a notice to come before: the index knows when that is, and only the site says when its end is. */
const countBehindNotices = async ({ sites, policies }: LookAheadPorts, { from, until }: Stretch): Promise<number> => {
  let count = 0
  for await (const site of sites.listDue({ kind: 'notice', until })) {
    const end = nextDestructiveStep(site, policies.find(site.policyVersion))
    if (end !== undefined && end.dueAt >= from && end.dueAt <= until) count += 1
  }
  return count
}

/**
 * How many sites something is taken away from in a stretch of time, as far as it is known now. Owners' own deletions do not
 * count. It costs what the due index has until its end: to be asked once a day.
 */
export const countEnds = async (ports: LookAheadPorts, stretch: Stretch): Promise<number> => {
  const after = plusMilliseconds(stretch.from, -1)
  const { until } = stretch
  const known = await ports.sites.countDue({ kind: 'destructive', after, until, atMost: mostCounted })
  return known + (await countBehindNotices(ports, stretch))
}
