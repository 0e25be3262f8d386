import { eachAtOnce } from '../../core/each-at-once.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { changeSite, startOperationSoon } from '../../core/site/change-site.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import { isLive } from '../../core/site/site.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import type { UsageStore } from '../reports/usage/ports.ts'
import { addUsage, latencyBucket, noUsage, periodOf, startOfPeriod, type Usage } from '../reports/usage/usage.ts'
import { dataOf, type PlacementPorts, readCells, readPlaces, takesData } from '../sites/cells/place-sites.ts'
import type { RequestPorts } from '../sleep/wake-site.ts'
import type { Brake } from '../trials/brake.ts'
import {
  type AnyRollout,
  type ChosenSite,
  isOfCell,
  maxListed,
  type RolloutStore,
  type Sample,
  withFailures,
} from './rollout.ts'
import type { Rules, RulesPorts, SiteProgress } from './site-progress.ts'
import type { WokenPolicy } from './woken.ts'

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

export interface RolloutPorts
  extends RequestPorts,
    PlacementPorts,
    RulesPorts,
    Pick<Context, 'makeRoom' | 'usageLatenessSeconds' | 'monotonic' | 'isStopping'> {
  readonly sites: Pick<SiteStore, 'get' | 'commit' | 'statusPage'>
  readonly rollouts: RolloutStore
  readonly blueprints: Pick<BlueprintReader, 'versions'>
  readonly brake: Brake
  readonly usage: Usages
  /** Those whose disks are there. */
  readonly cells: readonly string[]
  /** How many sites of a roll-out move at once. */
  readonly startsAtOnce: number
  readonly releases: { readonly woken: WokenPolicy }
}

/** A roll-out, and all that its steps know of it. */
export interface Work {
  readonly rollout: AnyRollout
  readonly rules: Rules
  readonly context: ChangeContext
}

/** Sites of a wave whose requests are compared. */
const maxSamples = 50

/** In milliseconds, several runs: how old the last check is when another one is noted, and when the roll-out was paused or the host down. */
const [noteAfter, gapAfter] = [5 * 60_000, 8 * 60_000]

/** Notes that a run looks at the chosen sites; undefined if that was noted lately. */
export const noteCheck = (rollout: AnyRollout, now: Instant): AnyRollout | undefined => {
  const { chosen, checkedAt, version } = rollout
  if (chosen.length === 0 || (checkedAt !== undefined && now < plusMilliseconds(checkedAt, noteAfter))) return undefined
  const isGap = checkedAt !== undefined && now > plusMilliseconds(checkedAt, gapAfter)
  const next = { ...rollout, version: version + 1, checkedAt: now }
  return isGap ? { ...next, chosen: chosen.map((one) => ({ ...one, waitsFrom: now })) } : next
}

/**
 * Room for one more running site, and its place in another cell if it leaves its own; undefined if there is none. `no-room`: other sites have a place,
 * but no disk can take the data of this one.
 */
const roomFor = async (
  ports: RolloutPorts,
  { rollout, rules: { leaves }, context }: Work,
  { siteId, wakes }: ChosenSite,
): Promise<{ readonly cell?: string } | 'no-room' | undefined> => {
  const site = await ports.sites.get(siteId)
  if (wakes === true && site?.status === 'asleep' && !(await ports.makeRoom(context.causationId))) return undefined
  if (!leaves || !isLive(site)) return {}
  const cell = await (await readPlaces(ports, dataOf(site)))()
  if (cell !== undefined) return { cell }
  // Beyond what a record lists, they wait.
  if (!isOfCell(rollout) || rollout.held.length >= maxListed) return undefined
  const others = (await readCells(ports)).filter(({ room, isNamed }) => room > 0 && !isNamed)
  return others.some((other) => !takesData(other, dataOf(site))) ? 'no-room' : undefined
}

/** Looks at a chosen site, and begins what it needs unless the brake is on. @returns how it stands after that. */
const moveSite = async (
  ports: RolloutPorts,
  work: Work,
  chosen: ChosenSite,
  isBraked: boolean,
): Promise<SiteProgress> => {
  const { context, rules } = work
  const check = async (): Promise<SiteProgress> => {
    const now = isBraked ? (chosen.waitsFrom ?? chosen.at) : context.clocks.wall()
    return rules.progressOf(await ports.sites.get(chosen.siteId), chosen, now)
  }
  const found = await check()
  if (isBraked || found.is !== 'to-begin') return found
  const room = await roomFor(ports, work, chosen)
  if (room === undefined) return { is: 'waits' }
  if (room === 'no-room') return { is: 'held', because: room }
  const site = await changeSite(ports.sites, chosen.siteId, (one) => rules.begin(one, chosen, context, room.cell))
  if (site !== undefined) await startOperationSoon(ports, site)
  return check()
}

interface Settled {
  readonly chosen: ChosenSite
  readonly progress: SiteProgress
}

const hasEnded = ({ progress: { is } }: Settled): boolean =>
  ['done', 'assigned', 'failed', 'held', 'left', 'skipped'].includes(is)

/** What the record of a cell lists of those that have ended: which sites stay, and how old the data is that others got. */
const listedOf = (rollout: AnyRollout, ended: readonly Settled[]) => {
  if (!isOfCell(rollout)) return {}
  const held = ended.flatMap(({ chosen: { siteId }, progress }) =>
    progress.is === 'held' ? [{ siteId, because: progress.because }] : [],
  )
  const restored = ended.flatMap(({ chosen: { siteId }, progress }) =>
    progress.is === 'done' && progress.archiveAt !== undefined ? [{ siteId, archiveAt: progress.archiveAt }] : [],
  )
  return { held: [...rollout.held, ...held], restored: [...rollout.restored, ...restored].slice(-maxListed) }
}

const settled = (rollout: AnyRollout, ended: readonly Settled[], samples: readonly Sample[]): AnyRollout => {
  const count = (is: SiteProgress['is']): number => ended.filter(({ progress }) => progress.is === is).length
  const gone = new Set<string>(ended.map(({ chosen }) => chosen.siteId))
  const failed = ended.flatMap(({ chosen: { siteId }, progress }) => {
    if (progress.is !== 'failed') return []
    const { because, cause } = progress
    return [{ siteId, because, ...(cause && { cause }) }]
  })
  return {
    ...rollout,
    version: rollout.version + 1,
    chosen: rollout.chosen.filter(({ siteId }) => !gone.has(siteId)),
    done: rollout.done + count('done'),
    assigned: (rollout.assigned ?? 0) + count('assigned'),
    skipped: rollout.skipped + count('skipped'),
    ...withFailures(rollout, failed),
    ...listedOf(rollout, ended),
    samples: [...rollout.samples, ...samples].slice(0, maxSamples),
  }
}

/** Begins the chosen sites unless the brake is on, and takes those that have ended out of the list. @returns undefined if none has ended. */
export const moveChosen = async (
  ports: RolloutPorts,
  work: Work,
  isBraked: boolean,
): Promise<AnyRollout | undefined> => {
  const { rollout, rules, context } = work
  const ended: Settled[] = []
  const samples: Sample[] = []
  const mayCompare = rollout.state === 'running' && rules.bakeSeconds > 0 && rollout.samples.length < maxSamples
  await eachAtOnce(rollout.chosen, ports.startsAtOnce, async (chosen) => {
    const one = { chosen, progress: await moveSite(ports, work, chosen, isBraked) }
    if (!hasEnded(one)) return
    ended.push(one)
    if (mayCompare && one.progress.is === 'done') {
      samples.push(await sampleOf(ports.usage, chosen.siteId, context.clocks.wall()))
    }
  })
  return ended.length === 0 ? undefined : settled(rollout, ended, samples)
}
