import type { SiteId } from '../../core/ids.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { UsageStore } from '../reports/usage/ports.ts'
import { addUsage, latencyBucket, noUsage, periodOf, startOfPeriod, type Usage } from '../reports/usage/usage.ts'
import type { Sample } from './rollout.ts'

/** The requests of a site, as far as they are compared. */
type Tally = Pick<Sample, 'requests' | 'errors' | 'slow'>

export type Usages = Pick<UsageStore, 'list'>

const hour = 60 * 60_000

const hoursBefore = 24

/** Fewer requests are not compared. */
const leastRequests = 50

/** A share may double, and rise by so much more. */
const tolerance = 0.02

const slowFrom = latencyBucket(1001)

const tallyOf = ({ requests, serverErrors, latency }: Usage): Tally => ({
  requests,
  errors: serverErrors,
  slow: latency.slice(slowFrom).reduce((sum, each) => sum + each, 0),
})

const startOfHour = (at: string): string => startOfPeriod(periodOf('hour', at))

const tallyBetween = async (usage: Usages, siteId: SiteId, from: string, until: string): Promise<Tally> => {
  const periods = await usage.list(siteId, { period: 'hour', from, until })
  return tallyOf(periods.map((period) => period.usage).reduce(addUsage, noUsage()))
}

/** The requests of a site in this hour so far. */
export const sampleOf = async (usage: Usages, siteId: SiteId, now: string): Promise<Sample> => {
  const from = startOfHour(now)
  return { siteId, at: now, ...(await tallyBetween(usage, siteId, from, plusMilliseconds(from, hour))) }
}

const combine = (left: Tally, right: Tally, sign: 1 | -1 = 1): Tally => ({
  requests: left.requests + sign * right.requests,
  errors: left.errors + sign * right.errors,
  slow: left.slow + sign * right.slow,
})

const nothing: Tally = { requests: 0, errors: 0, slow: 0 }

/** Whether the share of failed or slow requests rose more than it may, where there are enough requests on both sides. */
const isWorse = (before: Tally, after: Tally): boolean => {
  if (before.requests < leastRequests || after.requests < leastRequests) return false
  return (['errors', 'slow'] as const).some(
    (kind) => after[kind] / after.requests > (2 * before[kind]) / before.requests + tolerance,
  )
}

/** Compares the requests of some sites since they have the version with those of the day before. */
export const compareWave = async (usage: Usages, samples: readonly Sample[], now: string): Promise<boolean> => {
  let [before, after] = [nothing, nothing]
  for (const sample of samples) {
    const from = startOfHour(sample.at)
    const earlier = await tallyBetween(usage, sample.siteId, plusMilliseconds(from, -hoursBefore * hour), from)
    const since = await tallyBetween(usage, sample.siteId, from, plusMilliseconds(startOfHour(now), hour))
    before = combine(before, combine(earlier, sample))
    after = combine(after, combine(since, sample, -1))
  }
  return isWorse(before, after)
}
