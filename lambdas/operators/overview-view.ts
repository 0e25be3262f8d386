import type * as z from 'zod'
import type { OperatorRole } from '../../core/events/actor.ts'
import { plusDays } from '../../core/instant.ts'
import type { SiteLists, SiteTotal, SiteTotals } from '../../core/ports/site-lists.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { isBeside } from '../../core/site/environment.ts'
import { ownershipOf } from '../../core/site/site.ts'
import type { BillingReconciliations } from '../billing/ports.ts'
import { rolloutOperations } from '../releases/operations.ts'
import { recentClaims } from '../sites/claim/count-site.ts'
import type { FailureSummary } from '../sites/evidence/evidence.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import { buildTimes, readBuilt } from '../sites/pool/build-times.ts'
import { countReadySites } from '../sites/pool/fill-pool.ts'
import { type PoolPolicy, poolTargets } from '../sites/pool/pool.ts'
import type { overviewSchema } from './insight-answers.ts'
import { insightOperations } from './insight-operations.ts'
import { retryOf } from './retry-failed.ts'
import { operatorSiteOperations } from './site-operations.ts'
import { brakeView, type ControlViewPorts } from './views.ts'

type Overview = z.input<typeof overviewSchema>

export interface OverviewPorts extends ControlViewPorts {
  readonly totals: Pick<SiteTotals, 'read' | 'days'>
  readonly sites: Omit<SiteStore, 'commit'>
  readonly siteLists: Pick<SiteLists, 'countDueSteps'>
  readonly evidence: Pick<EvidenceStore, 'recent'>
  readonly reconciliations: Pick<BillingReconciliations, 'read'>
  readonly offeredBlueprints: readonly string[]
  readonly pool: PoolPolicy
}

const shownDays = 30
const shownFailures = 20
const maxBuilding = 100
/** In each of twelve shards, so that the answer stays fast. */
const maxDue = 100

const sumBy = (totals: readonly SiteTotal[], keyOf: (total: SiteTotal) => string): Record<string, number> => {
  const sums = new Map<string, number>()
  for (const total of totals) sums.set(keyOf(total), (sums.get(keyOf(total)) ?? 0) + Math.max(0, total.sites))
  return Object.fromEntries(sums)
}

const sitesView = (totals: readonly SiteTotal[]): Overview['sites'] => {
  const byStatus = sumBy(totals, ({ status }) => status)
  const byPlan = sumBy(
    totals.filter(({ status }) => status !== 'purged'),
    ({ plan }) => plan,
  )
  return { byStatus, byPlan, awake: byStatus['active'] ?? 0, asleep: byStatus['asleep'] ?? 0 }
}

const daysView = async ({ totals, clocks }: OverviewPorts): Promise<Pick<Overview, 'days' | 'countedSince'>> => {
  const now = clocks.domain()
  const shown = Array.from({ length: shownDays }, (_, index) => plusDays(now, index + 1 - shownDays).slice(0, 10))
  const { since, days } = await totals.days(shown[0] ?? '')
  const counted = new Map(days.map((day) => [day.day, day]))
  return {
    days: shown.map((day) => {
      if (since === undefined || day < since) return { day, signups: null, conversions: null }
      const { signups, conversions } = counted.get(day) ?? { signups: 0, conversions: 0 }
      return { day, signups, conversions }
    }),
    countedSince: since ?? null,
  }
}

const poolsView = async (ports: OverviewPorts): Promise<Overview['pools']> => {
  const { offeredBlueprints: names, rateWindows, clocks, pool, sites } = ports
  const [claims, ready, building, built] = await Promise.all([
    recentClaims(rateWindows, names, clocks.wall()),
    Promise.all(names.map((blueprint) => countReadySites(ports, { blueprint }))),
    sites.newestByStatus('building', maxBuilding),
    readBuilt(sites),
  ])
  const targets = poolTargets(pool, claims)
  const times = buildTimes(built)
  return names.map((blueprint, index) => ({
    blueprint,
    ready: ready[index] ?? 0,
    target: targets[index] ?? 0,
    building: building.filter((site) => site.blueprint.name === blueprint && !isBeside(site)).length,
    claims: claims[index] ?? 0,
    builds: times.get(blueprint) ?? null,
  }))
}

const retryPaths = {
  retry: insightOperations.operatorRetry.path,
  restore: operatorSiteOperations.operatorRestore.path,
  'roll-out': rolloutOperations.operatorRetryRollout.path,
} as const

const failureView = async (
  { sites }: OverviewPorts,
  role: OperatorRole,
  { id, at, siteId, during, cause, detail, blueprint }: FailureSummary,
): Promise<Overview['failures'][number]> => {
  const site = await sites.get(siteId)
  const retry = retryOf({ during }, site)
  const pathOf = (path: string) => path.replace('{id}', siteId).replace('{blueprint}', blueprint.name)
  return {
    id,
    at,
    siteId,
    hostname: (site && ownershipOf(site)?.hostname) || null,
    status: site?.status ?? null,
    during,
    cause,
    detail: role === 'sales' ? null : detail,
    blueprint,
    evidence: pathOf(operatorSiteOperations.operatorListFailures.path),
    retry: retry === null ? null : { method: 'POST', path: pathOf(retryPaths[retry]) },
  }
}

const dueView = ({ siteLists, clocks }: OverviewPorts) => {
  const from = clocks.domain()
  return siteLists.countDueSteps({ from, until: plusDays(from, 1), atMost: maxDue })
}

/** Only counters and bounded queries, all at once. */
export const overview = async (ports: OverviewPorts, role: OperatorRole): Promise<Overview> => {
  const [totals, days, pools, due, { now: _, seenAt: __, ...brake }, { report }, failures] = await Promise.all([
    ports.totals.read(),
    daysView(ports),
    poolsView(ports),
    dueView(ports),
    brakeView(ports),
    ports.reconciliations.read(),
    ports.evidence.recent(shownFailures),
  ])
  return {
    sites: sitesView(totals),
    ...days,
    revenue: report === undefined ? null : { at: report.endedAt, monthly: report.revenue },
    pools,
    due,
    brake,
    failures: await Promise.all(failures.map((failure) => failureView(ports, role, failure))),
  }
}
