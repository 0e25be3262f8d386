import type * as z from 'zod'
import { SitewrightError } from '../../../core/errors.ts'
import type { SiteEvent } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { StorageMeter } from '../../../core/ports/runtime.ts'
import type { SiteLists } from '../../../core/ports/site-lists.ts'
import { limitsOf } from '../../../core/site/environment.ts'
import { homeOf } from '../../../core/site/location.ts'
import { isLive, type Site } from '../../../core/site/site.ts'
import type { usageViewSchema } from '../../http/past-answers.ts'
import type { PeriodOfUsage, UsageStore } from './ports.ts'
import { latencyBounds, type UsagePeriod } from './usage.ts'

type Events = Pick<SiteLists, 'pageOfEvents'>

const eventsAtOnce = 100
/** A site that falls asleep more often is not counted: the read would cost too much. */
const maxPages = 10

/** The events of a site back to the one before an instant, newest first, or the newest ones if there are too many. */
export const eventsSince = async (
  { pageOfEvents }: Events,
  id: SiteId,
  from: Instant,
): Promise<{ readonly events: readonly SiteEvent[]; readonly isComplete: boolean }> => {
  const events: SiteEvent[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < maxPages; pages += 1) {
    const page = await pageOfEvents(id, { limit: eventsAtOnce, ...(cursor === undefined ? {} : { cursor }) })
    events.push(...page.items)
    const last = events.at(-1)
    cursor = page.cursor
    if (cursor === undefined || last === undefined || last.at <= from) return { events, isComplete: true }
  }
  return { events, isComplete: false }
}

const hour = 3_600_000

/**
 * Counts the hours that a site ran in a range of time, by its events.
 * @returns undefined if there are too many events.
 */
export const awakeHours = async (
  siteLists: Events,
  siteId: SiteId,
  { from, until }: { readonly from: Instant; readonly until: Instant },
): Promise<number | undefined> => {
  const { events, isComplete } = await eventsSince(siteLists, siteId, from)
  let milliseconds = 0
  let end = until
  for (const { at, data } of events) {
    const start = at > from ? at : from
    if (data.status === 'active' && start < end) milliseconds += Date.parse(end) - Date.parse(start)
    if (at < end) end = at
    if (at <= from) break
  }
  return isComplete ? milliseconds / hour : undefined
}

export interface UsageViewPorts extends Pick<Context, 'plans' | 'clocks'> {
  readonly usage: Pick<UsageStore, 'lastUse' | 'list'>
  readonly siteLists: Pick<SiteLists, 'pageOfEvents'>
  readonly meter: StorageMeter
}

const usualDays = { hour: 1, day: 30 } as const
const maxDays = { hour: 31, day: 731 } as const

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

const mebibyte = 1024 * 1024

const storageView = async ({ meter }: UsageViewPorts, site: Site, plan: Plan | undefined) => ({
  usedBytes: (isLive(site) ? await meter.measure(homeOf(site)) : undefined) ?? null,
  maxBytes: plan === undefined ? 0 : limitsOf(site, plan).storageMiB * mebibyte,
})

/** Events are by the domain clock, which tests advance; a range is by the wall clock. */
const byDomainClock = ({ clocks }: UsageViewPorts, at: Instant): Instant =>
  plusMilliseconds(at, Date.parse(clocks.domain()) - Date.parse(clocks.wall()))

const awakeView = async (ports: UsageViewPorts, siteId: SiteId, from: Instant, until: Instant) => {
  const range = { from: byDomainClock(ports, from), until: byDomainClock(ports, until) }
  const hours = await awakeHours(ports.siteLists, siteId, range)
  return hours === undefined ? null : Math.round(hours * 10) / 10
}

/** @throws {SitewrightError} `InvalidRequest` if the range is empty or too long. */
export const usageView = async (
  ports: UsageViewPorts,
  site: Site,
  query: { readonly by: UsagePeriod; readonly from?: string | undefined; readonly until?: string | undefined },
): Promise<z.infer<typeof usageViewSchema>> => {
  const { by } = query
  const { usage, clocks } = ports
  const toMilliseconds = (time: string): Instant => new Date(time).toISOString()
  const until = query.until === undefined ? clocks.wall() : toMilliseconds(query.until)
  const from = query.from === undefined ? plusDays(until, -usualDays[by]) : toMilliseconds(query.from)
  if (from >= until) throw invalid('from', 'must be before the end')
  if (plusDays(from, maxDays[by]) < until) throw invalid('from', `must be at most ${maxDays[by]} days before the end`)
  const now = clocks.wall()
  // The plan of a site that has ended may be gone.
  const plan = ports.plans.plans.find(({ id }) => id === site.plan)
  const [lastUsedAt = null, periods, hours, storage] = await Promise.all([
    usage.lastUse(site.id),
    usage.list(site.id, { period: by, from, until }),
    awakeView(ports, site.id, from, until < now ? until : now),
    storageView(ports, site, plan),
  ])
  return {
    by,
    from,
    until,
    lastUsedAt,
    awakeHours: hours,
    storage,
    prices: plan?.usagePrices ?? null,
    periods: periods.map(periodView),
  }
}
