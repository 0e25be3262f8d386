import { renewSeconds } from '../../adapters/ecs/helper-containers.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { functions, minutesOf } from '../../lambdas/manifest.ts'
import { assumptions } from './assumptions.ts'
import { type CostLine, callLines, costLine, jobLines, taskLines } from './cost-line.ts'
import { happyPath, happyTasks, type PricedStage, planSetting } from './priced-stage.ts'
import { newsLines, salesLines, visitLines } from './sales-lines.ts'
import { checksForASite, runningOf, wakeLines } from './sleep-lines.ts'

const kilobytesInGigabyte = 1_000_000
const secondsInMonth = assumptions.hoursInMonth * 3600

/** A router looks a hostname and its site up at most once a second, so this is an upper limit: two items for each request. */
const readsOfARequest = 2

/** Gigabytes that a site of this plan keeps. */
const stored = (plan: Plan): number => (plan.limits.storageMiB / 1024) * assumptions.storageUsed

/** The monthly cost of a site's data that is kept in place. */
export const dataLines = (priced: PricedStage, plan: Plan): readonly CostLine[] => {
  const settings = [planSetting(priced, plan, 'limits.storageMiB')]
  const gigabytes = stored(plan)
  return [
    costLine('Data, recently used', 'filesStandard', gigabytes * assumptions.storageTouched, settings),
    costLine('Data, other', 'filesInfrequent', gigabytes * (1 - assumptions.storageTouched), settings),
    costLine('Data: backup', 'backup', gigabytes, settings),
  ]
}

/** The monthly cost of a site's archive. */
export const archiveLines = (priced: PricedStage, plan: Plan): readonly CostLine[] => [
  costLine('Archive', 'objectStorage', stored(plan), [planSetting(priced, plan, 'limits.storageMiB')]),
]

/** A router adds to a site's hour every five minutes and to its day every hour, if there was a request. */
const usageWrites = (requests: number, routers: number, share: number): number =>
  Math.min(2 * requests, routers * 13 * 24 * assumptions.daysInMonth * share)

/** A month's visitors of one site. */
const visitorLines = (
  { stage: { router, firewalls } }: PricedStage,
  requestsADay: number,
  share: number,
): readonly CostLine[] => {
  const requests = requestsADay * assumptions.daysInMonth
  const gigabytes = (requests * assumptions.kilobytesAnAnswer) / kilobytesInGigabyte
  const fileTraffic = gigabytes * assumptions.fileTrafficOfAnswers
  return [
    costLine('Visitors: load balancer', 'loadBalancerCapacity', gigabytes),
    costLine('Visitors: firewall', 'firewallRequest', firewalls ? requests : 0),
    costLine('Visitors: traffic out', 'trafficOut', gigabytes),
    // Half of the routers are in the other zone.
    costLine('Visitors: between zones', 'trafficBetweenZones', gigabytes),
    costLine('Visitors: look-ups', 'tableRead', requests * readsOfARequest),
    costLine('Visitors: usage records', 'tableWrite', usageWrites(requests, router.min, share)),
    costLine('Visitors: files read', 'filesRead', fileTraffic),
    costLine('Visitors: files written', 'filesWritten', fileTraffic),
  ]
}

export const requestsADayOf = (plan: Plan): number =>
  plan.kind === 'trial' ? assumptions.requestsOfTrialADay : assumptions.requestsOfPaidSiteADay

/** The monthly cost of a site in use. @param options.interruptible whether it runs on Spot, as trials do. */
export const siteLines = (
  priced: PricedStage,
  plan: Plan,
  options: { readonly interruptible?: boolean } = {},
): readonly CostLine[] => {
  const running = runningOf(plan)
  const sleepSetting = running.wakes > 0 ? [planSetting(priced, plan, 'sleepAfterMinutes')] : []
  return [
    ...runningLines(priced, plan, { share: running.share, settings: sleepSetting, ...options }),
    ...wakeLines(running),
    ...visitorLines(priced, requestsADayOf(plan), running.share),
    ...jobLines('Measured each day', assumptions.daysInMonth),
    ...salesLines(running),
  ]
}

/** The monthly cost of a site of the pool: it has no visitors, does not sleep, and is not measured, because it has no owner. */
export const pooledLines = (priced: PricedStage): readonly CostLine[] => runningLines(priced, priced.trial)

const runningLines = (
  priced: PricedStage,
  plan: Plan,
  {
    share = 1,
    settings = [],
    interruptible = plan.kind === 'trial',
  }: { readonly share?: number; readonly settings?: readonly string[]; readonly interruptible?: boolean } = {},
): readonly CostLine[] => {
  const logs = (share * assumptions.megabytesOfLogsADay * assumptions.daysInMonth) / 1000
  const tables = assumptions.kilobytesInTables / kilobytesInGigabyte
  const renewals = (share * secondsInMonth) / renewSeconds
  const renewed = (renewals * assumptions.kilobytesOfARenewalEachWay) / kilobytesInGigabyte
  return [
    ...taskLines('Containers', plan.size, {
      tasks: share,
      interruptible,
      sizeSetting: planSetting(priced, plan, 'size.'),
      settings,
    }),
    ...dataLines(priced, plan),
    costLine('Lease: read', 'filesRead', renewed, settings),
    costLine('Lease: written', 'filesWritten', renewed, settings),
    costLine('Logs', 'logs', logs),
    costLine('Logs: through the endpoint', 'endpointData', logs),
    costLine('Records', 'tableStorage', tables),
    costLine('Records: recovery', 'tableRecovery', tables),
  ]
}

/**
 * Write units by step, as the stores write them: an item of a transaction counts twice, a site's record has two kilobytes, and
 * an index takes a write for each entry that is added or removed.
 */
const writeUnits = { start: 5, verify: 15, claim: 24, build: 60, changesOfAddress: 24 }
const readUnits = 60

/** Claimed, account opened; and of the replacement: requested, three steps, stocked, moved twice. */
const events = 9

/**
 * What sales learn of a trial: account and site created, and four stages of its lead; then three reminders, suspended, archived, purged, and
 * the last stage.
 */
const news = { untilEnding: 6, ending: 7 }

const requests = { console: 30, kilobytes: 400, api: 8 }
const messages = 2

const buildLines = ({ provisioning }: PricedStage): readonly CostLine[] => {
  const states = happyTasks(provisioning).length
  const transitions = 1 + happyPath(provisioning).length + (checksForASite - 1)
  return [
    costLine('Build: transitions', 'transition', transitions),
    ...callLines('Build', states + checksForASite - 1, {
      seconds: assumptions.secondsToStartASite / (states + checksForASite - 1),
    }),
    costLine('Build: writes', 'tableWrite', writeUnits.build + writeUnits.changesOfAddress),
  ]
}

/** One sign-up: a code, a claim, a welcome, and the site that is built to refill the pool. */
export const signUpLines = (priced: PricedStage): readonly CostLine[] => {
  const { abuse } = priced.config
  // One item for each subject.
  const windows = [abuse.signups, abuse.codeTries].flatMap((limits) => Object.values(limits)).length
  return [
    costLine('Console: requests', 'distributionRequest', requests.console + requests.api),
    costLine('Console: traffic', 'distributionTraffic', requests.kilobytes / 1_000_000),
    costLine('Console: firewall', 'firewallRequest', requests.console + requests.api),
    costLine('API', 'apiRequest', requests.api),
    ...callLines('API', requests.api),
    costLine('Limits: writes', 'tableWrite', windows, ['abuse.signups', 'abuse.codeTries']),
    costLine('Sign-up: writes', 'tableWrite', writeUnits.start + writeUnits.verify + writeUnits.claim),
    costLine('Sign-up: reads', 'tableRead', readUnits),
    costLine('Mail', 'mail', messages),
    costLine('Events', 'event', events),
    ...callLines('Events', 2 * events),
    ...buildLines(priced),
    ...newsLines(news.untilEnding),
    ...visitLines(),
  ]
}

/** The numbers of mails, jobs and transitions of an ended trial, the transitions with some retries. */
const ending = { jobs: 3, messages: 8, transitions: 25, writeUnits: 120 }

/** The end of a trial without a payment: reminded, suspended, archived, warned, purged. */
export const endingLines = (): readonly CostLine[] => [
  ...jobLines('Archiver', ending.jobs),
  costLine('Ending: transitions', 'transition', ending.transitions),
  ...callLines('Ending', ending.transitions),
  costLine('Ending: writes', 'tableWrite', ending.writeUnits),
  costLine('Ending: mail', 'mail', ending.messages),
  ...newsLines(news.ending),
]

/** The read units of a listed site: its record has two kilobytes, and an eventually consistent unit reads eight. */
const unitsOfListing = 0.25

/** The sweep that compares running with recorded sites reads each site twice: as running and as having data. */
const readsOfReconciling = 2

/** Sweeps that list every site each time. */
const listing = ['reconcile-sites', 'meter-storage', 'clear-leftovers']

interface Sweep {
  readonly name: string
  readonly everyMinutes: number
}

const sweeps: readonly Sweep[] = functions.flatMap((definition) => {
  const everyMinutes = minutesOf(definition)
  return everyMinutes === undefined ? [] : [{ name: definition.name, everyMinutes }]
})

/** A sweep that takes longer than its interval runs less often, because it runs one at a time. */
const runsOf = ({ everyMinutes }: Sweep, seconds: number): number =>
  secondsInMonth / Math.max(everyMinutes * 60, seconds)

/** The monthly cost of scheduled calls, with this many running sites. */
export const sweepLines = (sites: number): readonly CostLine[] =>
  sweeps.flatMap((sweep) => {
    const reads = sweep.name === 'reconcile-sites' ? sites * readsOfReconciling : 0
    const extra = sweep.name === 'write-reports' ? assumptions.gigabyteSecondsOfAReportRun : 0
    const seconds =
      assumptions.secondsOfACall + reads * assumptions.secondsOfARead + extra / assumptions.functionMemoryGb
    const runs = runsOf(sweep, seconds)
    const listed = listing.includes(sweep.name) ? sites * unitsOfListing : 1
    return [
      ...callLines(`Sweep ${sweep.name}`, runs, { seconds }),
      costLine(`Sweep ${sweep.name}: reads`, 'tableRead', runs * (reads + listed)),
    ]
  })
