import type { Plan } from '../../core/plan/plan.ts'
import { assumptions } from './assumptions.ts'
import type { CostLine } from './cost-line.ts'
import { costLine } from './cost-line.ts'
import { jobLines } from './job-lines.ts'
import type { PricedStage } from './priced-stage.ts'
import { planSetting } from './priced-stage.ts'
import { taskLines } from './task-lines.ts'

const kilobytesInGigabyte = 1_000_000

/** A router looks a hostname and its site up once a second at most; so this is the most, two items for each request. */
const readsOfARequest = 2

/** Gigabytes that a site of this plan keeps. */
const stored = (plan: Plan): number => (plan.limits.storageMiB / 1024) * assumptions.storageUsed

/** What a site's data costs a month while it is kept in place. */
export const dataLines = (priced: PricedStage, plan: Plan): readonly CostLine[] => {
  const settings = [planSetting(priced, plan, 'limits.storageMiB')]
  const gigabytes = stored(plan)
  return [
    costLine('Data, recently used', 'filesStandard', gigabytes * assumptions.storageTouched, settings),
    costLine('Data, other', 'filesInfrequent', gigabytes * (1 - assumptions.storageTouched), settings),
    costLine('Data: backup', 'backup', gigabytes, settings),
  ]
}

/** What a site's archive costs a month. */
export const archiveLines = (priced: PricedStage, plan: Plan): readonly CostLine[] => [
  costLine('Archive', 'objectStorage', stored(plan), [planSetting(priced, plan, 'limits.storageMiB')]),
]

/** A month's visitors of one site. */
const visitorLines = (requestsADay: number): readonly CostLine[] => {
  const requests = requestsADay * assumptions.daysInMonth
  const gigabytes = (requests * assumptions.kilobytesAnAnswer) / kilobytesInGigabyte
  const fileTraffic = gigabytes * assumptions.fileTrafficOfAnswers
  return [
    costLine('Visitors: load balancer', 'loadBalancerCapacity', gigabytes),
    costLine('Visitors: traffic out', 'trafficOut', gigabytes),
    // Half of the routers are in the other zone.
    costLine('Visitors: between zones', 'trafficBetweenZones', gigabytes),
    costLine('Visitors: look-ups', 'tableRead', requests * readsOfARequest),
    costLine('Visitors: files read', 'filesRead', fileTraffic),
    costLine('Visitors: files written', 'filesWritten', fileTraffic),
  ]
}

export const requestsADayOf = (plan: Plan): number =>
  plan.kind === 'trial' ? assumptions.requestsOfTrialADay : assumptions.requestsOfPaidSiteADay

/** What a running site costs a month; one of the pool has no visitors. */
export const siteLines = (
  priced: PricedStage,
  plan: Plan,
  { requestsADay = requestsADayOf(plan) } = {},
): readonly CostLine[] => {
  const logs = (assumptions.megabytesOfLogsADay * assumptions.daysInMonth) / 1000
  const tables = assumptions.kilobytesInTables / kilobytesInGigabyte
  return [
    ...taskLines('Containers', plan.size, {
      interruptible: plan.kind === 'trial',
      sizeSetting: planSetting(priced, plan, 'size.'),
    }),
    ...dataLines(priced, plan),
    costLine('Logs', 'logs', logs),
    costLine('Logs: through the endpoint', 'endpointData', logs),
    costLine('Records', 'tableStorage', tables),
    costLine('Records: recovery', 'tableRecovery', tables),
    ...visitorLines(requestsADay),
    // Nobody has a site of the pool, so nobody is told what it stores.
    ...jobLines('Measured each day', requestsADay === 0 ? 0 : assumptions.daysInMonth),
  ]
}
