import { ipv4Range, type Stage } from '../../core/config/stage.ts'
import { assumptions } from './assumptions.ts'
import { type Bill, type BillPart, changedBy, times } from './cost-line.ts'
import { fixedLines } from './fixed-lines.ts'
import { currentTrialPolicy, type PricedStage } from './priced-stage.ts'
import {
  archiveLines,
  dataLines,
  endingLines,
  pooledLines,
  requestsADayOf,
  signUpLines,
  siteLines,
  sweepLines,
} from './site-lines.ts'
import { runningOf } from './sleep-lines.ts'

const poolPart = (priced: PricedStage): BillPart => {
  return { name: 'Pool', lines: changedBy(['pool.target'], times(poolTargetOf(priced), pooledLines(priced))) }
}

export const poolTargetOf = ({ config, stage }: PricedStage): number => stage.poolTarget ?? config.pool.target

/** A month without sites: everything runs and is swept. */
export const idleMonth = (priced: PricedStage): Bill => [
  { name: 'Fixed', lines: fixedLines(priced) },
  poolPart(priced),
  { name: 'Sweeps', lines: changedBy(['pool.target'], sweepLines(poolTargetOf(priced))) },
]

export const signUp = (priced: PricedStage): Bill => [{ name: 'Sign-up', lines: signUpLines(priced) }]

/** A paid site for a month, on the cheapest plan that is sold. */
export const paidMonth = (priced: PricedStage): Bill => [{ name: 'Paid site', lines: siteLines(priced, priced.paid) }]

/**
 * A trial from its sign-up to the last of its archive, if nobody pays for it.
 * @param options.interruptible false if no Spot capacity is left.
 */
export const wholeTrial = (priced: PricedStage, options: { readonly interruptible?: boolean } = {}): Bill => {
  const { config, trial } = priced
  const policy = currentTrialPolicy(priced)
  const path = `trialPolicies.${config.trialPolicies.indexOf(policy)}`
  const spans = [
    { name: 'Trial', setting: 'trialDays', days: policy.trialDays, lines: siteLines(priced, trial, options) },
    { name: 'Grace', setting: 'graceDays', days: policy.graceDays, lines: dataLines(priced, trial) },
    { name: 'Retention', setting: 'retentionDays', days: policy.retentionDays, lines: archiveLines(priced, trial) },
  ] as const
  return [
    ...signUp(priced),
    ...spans.map(({ name, setting, days, lines }) => ({
      name,
      lines: changedBy([`${path}.${setting}`], times(days / assumptions.daysInMonth, lines)),
    })),
    { name: 'Ending', lines: endingLines() },
  ]
}

const routersFor = ({ stage: { router } }: PricedStage, requestsADay: number): number => {
  const busiestMinute = (requestsADay / 1440) * assumptions.peakFactor
  return Math.min(router.max, Math.max(router.min, Math.ceil(busiestMinute / router.requestsPerMinute)))
}

export interface MonthWithSites {
  /** The bills of separate accounts. */
  readonly deployments: number
  readonly routersEach: number
  readonly bill: Bill
}

/**
 * A month with this many sites, of which `trialShare` (0 to 1) are trials: as many sign up as end. If one
 * deployment has no room for all of them, they are spread evenly over as few deployments as possible.
 */
export const monthWith = (priced: PricedStage, sites: number, trialShare: number): MonthWithSites => {
  const { trial, paid } = priced
  const deployments = Math.max(1, Math.ceil(sites / roomForSites(priced.stage)))
  const trials = sites * trialShare
  const paidSites = sites - trials
  const running = trials * runningOf(trial).share + paidSites
  const requestsADay = (trials * requestsADayOf(trial) + paidSites * requestsADayOf(paid)) / deployments
  const routersEach = routersFor(priced, requestsADay)
  const signUps = (trials * assumptions.daysInMonth) / currentTrialPolicy(priced).trialDays
  const pool = poolPart(priced)
  return {
    deployments,
    routersEach,
    bill: [
      { name: 'Fixed', lines: times(deployments, fixedLines(priced, routersEach)) },
      { ...pool, lines: times(deployments, pool.lines) },
      { name: 'Sweeps', lines: times(deployments, sweepLines(running / deployments + poolTargetOf(priced))) },
      { name: 'Trials', lines: times(trials, siteLines(priced, trial)) },
      { name: 'Paid sites', lines: times(paidSites, siteLines(priced, paid)) },
      { name: 'Sign-ups', lines: times(signUps, signUpLines(priced)) },
    ],
  }
}

/** Services of a cluster; each site is one. Source: AWS General Reference, "Amazon ECS endpoints and quotas". */
export const servicesOfACluster = 5000

/** Access points of a file system; each site has one. Source: Amazon EFS User Guide, "Creating access points". */
export const accessPointsOfAFileSystem = 10_000

/** A cell's addresses are eight blocks, four of each kind; each zone has one block, and AWS reserves five addresses of it. */
const blocksOfACell = 8
const addressesKept = 5

const addressesOf = (cidr: string, zones: number): number => {
  const range = ipv4Range(cidr)
  const addresses = range === undefined ? 0 : range.last - range.first + 1
  return zones * (addresses / blocksOfACell - addressesKept)
}

/**
 * An account has at most 10,000 roles, and each site has one; 200 are reserved for the deployment itself, CDK and AWS. Source:
 * IAM User Guide, "IAM and AWS STS quotas".
 */
export const maxSitesOfAnAccount = 9800

/** The sites that one deployment has room for, if all their blueprints have the same `outbound`. */
export const roomForSites = ({ cells, availabilityZones }: Stage): number =>
  Math.min(
    maxSitesOfAnAccount,
    cells.reduce(
      (sum, { cidr }) =>
        sum + Math.min(servicesOfACluster, accessPointsOfAFileSystem, addressesOf(cidr, availabilityZones.length)),
      0,
    ),
  )
