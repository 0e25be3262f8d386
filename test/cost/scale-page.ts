import { leastFree, maxBegun } from '../../lambdas/sleep/dormancy.ts'
import { assumptions } from './assumptions.ts'
import { accessPointsOfAFileSystem, maxSitesOfAnAccount, poolTargetOf, servicesOfACluster } from './bills.ts'
import { linesOf, times, totalOf } from './cost-line.ts'
import { dollars, markdownTable, quantity } from './figures.ts'
import { fixedLines } from './fixed-lines.ts'
import { currentTrialPolicy, type PricedStage } from './priced-stage.ts'
import { maxWait, readMonths } from './scale-months.ts'
import type { TrialHabits } from './simulate-scale.ts'
import { dataLines, signUpLines, siteLines, sweepLines } from './site-lines.ts'
import { minutesUntilNoticed, runningOf } from './sleep-lines.ts'

/** The share of trials that run at one time. */
const awakeShare = 0.02
const scales = [1000, 10_000, 100_000, 1_000_000]
const secondsOfADay = 86_400
/** A site that sleeps keeps its place for so long, however few places are free. */
const leastHours = 1
/** The VPCs of a stage have addresses for so many. */
const maxCells = 4
/** Jobs of the archiver for a trial that ends: they copy, verify and release its data. */
const jobsOfAnEnd = 3
/** A site is measured if it runs at some time of these minutes of the day, and if it was not for so many days (adapters/ecs/archiver-meter.ts). */
const minutesToMeasure = 20
const daysUntilStale = 10
/** Secrets of the blueprint that ships. */
const secretsOfASite = 1

/** What one trial takes on average: how often it is used a day, and places, which are those that run and those that just fell asleep. */
const loadOf = ({ trial }: PricedStage) => {
  const { share } = runningOf(trial)
  const usedShare = Math.min(1, awakeShare / share)
  const uses = usedShare * assumptions.sessionsOfTrialADay
  return { usedShare, uses, places: awakeShare + (uses * leastHours) / 24 }
}

/** The share of uses that a measurement follows, if there is one use a day. */
const measuredShare = (inItsMinutes: number): number => inItsMinutes / (1 - (1 - inItsMinutes) ** daysUntilStale)

/** How a trial is used, for the simulation. */
export const habitsOf = (priced: PricedStage): TrialHabits => ({
  uses: loadOf(priced).uses,
  trialDays: currentTrialPolicy(priced).trialDays,
  dormantAfterDays: priced.config.sleep.dormantAfterDays,
  minutesUntilSleep: (priced.trial.sleepAfterMinutes ?? 0) + minutesUntilNoticed,
  measured: measuredShare(runningOf(priced.trial).share + minutesToMeasure / (24 * 60)),
})

interface Limit {
  readonly what: string
  readonly quota: string
  /** Trials that one account has room for. */
  readonly trials: number
}

/** @param dormantShare the share of uses that find the site dormant. */
const limitsOf = (priced: PricedStage, dormantShare: number): readonly Limit[] => {
  const { uses, places } = loadOf(priced)
  const used = 1 - leastFree
  const count = (what: string, max: number): Limit => ({ what, quota: quantity(max), trials: (used * max) / places })
  const rate = (what: string, aSecond: number, callsOfADay: number): Limit => ({
    what,
    quota: `${quantity(aSecond)} a second`,
    trials: (aSecond * secondsOfADay) / callsOfADay,
  })
  const dormant = uses * dormantShare
  const { trialDays, measured } = habitsOf(priced)
  const signUps = 1 / trialDays
  return [
    // Each definition is registered and deregistered: the site's at a build and each wake, and that of the jobs on its data once for its
    // end, and once for the first measurement after a wake.
    rate('ECS: changes of task definitions', 1, 2 * (dormant * (1 + measured) + signUps * 2)),
    rate('Sitewright: dormancies', maxBegun / 60, dormant),
    // Each use starts and stops a task; a dormancy deletes the service.
    rate('ECS: changes of services', 5, 2 * (uses + signUps) + dormant),
    rate('SSM: PutParameter', 3, secretsOfASite * (dormant + signUps)),
    rate('Fargate: launches, on demand and on Spot', 20, uses * (1 + measured) + signUps * (1 + jobsOfAnEnd)),
    count('IAM: roles', maxSitesOfAnAccount),
    count(`ECS: services of ${maxCells} clusters`, maxCells * servicesOfACluster),
    count(`EFS: access points of ${maxCells} file systems`, maxCells * accessPointsOfAFileSystem),
    count('SSM: standard parameters', 10_000 / secretsOfASite),
  ].toSorted((one, other) => one.trials - other.trials)
}

/** The trials that one account has room for by its quotas of roles, services, access points and parameters, without the rates of calls. */
export const maxByCounts = (priced: PricedStage): number =>
  Math.min(...limitsOf(priced, 1).flatMap(({ quota, trials }) => (quota.endsWith('a second') ? [] : [trials])))

/** The trials that one account has room for. */
export const maxTrials = (priced: PricedStage, dormantShare: number): number =>
  Math.floor(limitsOf(priced, dormantShare)[0]?.trials ?? 0)

/** A month of so many trials, of which as many sign up as end: accounts, cells, what is used of each account's quotas, and USD. */
const monthOf = (priced: PricedStage, sites: number, dormantShare: number) => {
  const { usedShare, places } = loadOf(priced)
  const accounts = Math.ceil(sites / maxTrials(priced, dormantShare))
  const placesEach = Math.ceil((sites * places) / accounts) + poolTargetOf(priced)
  const awake = sites * awakeShare
  const signUps = (sites * assumptions.daysInMonth) / currentTrialPolicy(priced).trialDays
  const bill = [
    { name: 'Accounts', lines: times(accounts, fixedLines(priced)) },
    { name: 'Sweeps', lines: times(accounts, sweepLines(awake / accounts + poolTargetOf(priced))) },
    { name: 'In use', lines: times(sites * usedShare, siteLines(priced, priced.trial)) },
    { name: 'Asleep', lines: times(sites * (1 - usedShare), dataLines(priced, priced.trial)) },
    { name: 'Sign-ups', lines: times(signUps, signUpLines(priced)) },
  ]
  return {
    awake,
    accounts,
    cells: Math.ceil(placesEach / (servicesOfACluster * (1 - leastFree))),
    placesEach,
    vcpus: Math.ceil((1.1 * awake * priced.trial.size.cpu) / accounts),
    usd: totalOf(linesOf(bill)),
  }
}

const scaleTable = (priced: PricedStage, dormantShare: number): string =>
  markdownTable(
    [
      'trials',
      'awake',
      'accounts',
      'cells each',
      'roles, services, access points each',
      'Spot vCPUs each',
      'USD a month',
    ],
    scales.map((sites) => {
      const month = monthOf(priced, sites, dormantShare)
      const { awake, accounts, cells, placesEach, vcpus, usd } = month
      return [...[sites, awake, accounts, cells, placesEach, vcpus].map(quantity), dollars(usd)]
    }),
  )

const simulatedTable = (): string =>
  markdownTable(
    [
      'uses of a trial',
      'begin within',
      'find it dormant',
      'trials per account',
      'accounts',
      'awake at the peak',
      'places at the peak',
      'longest wait',
    ],
    readMonths().months.map(({ together, hours, dormantShare, trials, accounts, maxAwake, maxPlaces, longest }) => [
      together === 1 ? 'one by one' : 'two, two hours apart',
      `${hours} hours`,
      `${quantity(100 * dormantShare)} %`,
      quantity(trials),
      quantity(accounts),
      quantity(maxAwake),
      quantity(maxPlaces),
      `${quantity(longest)} s`,
    ]),
  )

/** Renders docs/scale.md: how many trials accounts hold, and what ends first. */
export const scalePage = (priced: PricedStage): string => {
  const { usedShare, uses, places } = loadOf(priced)
  const [all, half] = [limitsOf(priced, 1), limitsOf(priced, 0.5)]
  const halfOf = (what: string): number => half.find((limit) => limit.what === what)?.trials ?? 0
  const { minutesOfASession } = assumptions
  const { dormantAfterDays } = priced.config.sleep
  return `# Scale on AWS

<!-- Generated by test/cost/scale-page.ts from sitewright.config.ts and the quotas of AWS.
     Change those, then run: node tools/generate-docs.ts -->

How many trials an account holds while ${awakeShare * 100} % of them run. The figures come from a calculation, not from a running deployment.

A trial that is used runs for ${quantity((24 * 60 * runningOf(priced.trial).share) / assumptions.sessionsOfTrialADay)} minutes: it starts, is used for ${minutesOfASession} minutes, and sleeps ${priced.trial.sleepAfterMinutes} minutes
later. With ${awakeShare * 100} % awake, ${quantity(100 * usedShare)} % of the trials are used ${assumptions.sessionsOfTrialADay === 1 ? 'once' : `${assumptions.sessionsOfTrialADay} times`} a day.
A trial that runs has a *place*: one role, service, task definition, access point and parameter. It keeps the place while it sleeps, until it is
[dormant](sleep.md#dormant-sites): after ${dormantAfterDays} days, or from an hour on while less than ${leastFree * 100} % of the places are free. So a trial takes at least ${quantity(places)} places on
average, and ${quantity(uses)} uses a day. Without dormancy each trial takes one place, and an account holds ${quantity(maxSitesOfAnAccount)}.

## What ends first

| in one account | quota | trials, if all uses find the site dormant | if half of them do |
| --- | --- | --- | --- |
${all.map(({ what, quota, trials }) => `| ${what} | ${quota} | ${quantity(Math.floor(trials))} | ${quantity(Math.floor(halfOf(what)))} |`).join('\n')}

By the numbers of things, one account holds ${quantity(Math.floor(maxByCounts(priced)))} trials. The rate of task definitions ends first: by it, an account holds ${quantity(maxTrials(priced, 1))} trials if all uses find the site
dormant, and ${quantity(maxTrials(priced, 0.5))} if half of them do. Each definition is registered once and deregistered once: a build and a wake of a dormant site take one, all jobs that end a trial
together take another, and so does the first measurement after such a wake. A site that becomes dormant gives its access point back, and a definition names that, so a
wake cannot use the former one again ([ADR 82](adr/0082-task-definitions-of-jobs.md)). At twice the rate, which only AWS Support can grant, an account holds twice as many. The
rates are averages of a day: at a peak, wakes of dormant sites wait for each other. The quotas of roles and parameters are the highest that there are. Network interfaces, vCPUs and sign-ups depend on what runs, and AWS raises their quotas
([deploy.md](deploy.md#quotas)).

## By number of trials

With an even load, if half of the uses find the site dormant:

${scaleTable(priced, 0.5)}

If all do:

${scaleTable(priced, 1)}

## Simulated

A simulation of a million trials over 30 days (\`npm run scale\`) shows how many an account holds. An account holds so many that 99 of 100 wakes of dormant sites wait for at most ${maxWait} seconds, in addition to the start itself. It
simulates places and changes of task definitions, second by second, and makes sites dormant by the rules of the sweep:

${simulatedTable()}

With an even load, an account holds about nine tenths of what the calculation says. If all uses (the first of two) begin within 12 hours, it holds a little less than half, because the rate is unused in the other hours. Plan with this
unless your visitors live all over the world. With more trials, wakes of dormant sites time out after about eight minutes: the site stays asleep with its data, and the next visitor wakes it again.

The simulation has one cell with all places of the account, serves calls in their order, and leaves out the places of new sites and of the pool. Repeated calls make real waits longer.

If one account is not enough, each further one is a deployment of its own with its own domain of sites. A cell's places are limited by the services of its cluster, of which
${leastFree * 100} % stay free. The dollars include sign-ups, as many as trials end, and leave out archives. Prices and other assumptions: [cost.md](cost.md).
`
}
