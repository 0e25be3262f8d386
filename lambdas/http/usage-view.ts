import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import { plusDays } from '../../core/instant.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { PeriodOfUsage, UsageStore } from '../../core/ports/usage.ts'
import type { UsagePeriod } from '../../core/usage/usage.ts'
import { latencyBounds } from '../../core/usage/usage.ts'
import type { usageViewSchema } from './owner-answers.ts'

export interface UsageViewPorts {
  readonly usage: Pick<UsageStore, 'lastUse' | 'list'>
  readonly clocks: Clocks
}

const usualDays = { hour: 1, day: 30 } as const
const mostDays = { hour: 31, day: 731 } as const

const periodView = ({ start, usage, visitors }: PeriodOfUsage) => ({
  start,
  requests: usage.requests,
  errors: { client: usage.clientErrors, server: usage.serverErrors },
  bytes: usage.bytes,
  latency: usage.latency.map((answers, index) => ({ atMostMilliseconds: latencyBounds[index] ?? null, answers })),
  visitors: visitors ?? null,
})

const invalid = (path: 'from' | 'until', message: string): SitewrightError =>
  new SitewrightError('InvalidRequest', `The parameter ${path} ${message}.`, { fields: [{ path, message }] })

/** @throws {SitewrightError} `InvalidRequest` if the range is empty or too long. */
export const usageView = async (
  { usage, clocks }: UsageViewPorts,
  siteId: SiteId,
  query: { readonly by: UsagePeriod; readonly from?: string | undefined; readonly until?: string | undefined },
): Promise<z.infer<typeof usageViewSchema>> => {
  const { by } = query
  const toMilliseconds = (time: string): Instant => new Date(time).toISOString()
  const until = query.until === undefined ? clocks.wall() : toMilliseconds(query.until)
  const from = query.from === undefined ? plusDays(until, -usualDays[by]) : toMilliseconds(query.from)
  if (from >= until) throw invalid('from', 'must be before the end')
  if (plusDays(from, mostDays[by]) < until) throw invalid('from', `must be at most ${mostDays[by]} days before the end`)
  const [lastUsedAt = null, periods] = await Promise.all([
    usage.lastUse(siteId),
    usage.list(siteId, { period: by, from, until }),
  ])
  return { by, from, until, lastUsedAt, periods: periods.map(periodView) }
}
