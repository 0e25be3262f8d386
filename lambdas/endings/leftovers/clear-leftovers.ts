import { isErrorOfKind } from '../../../core/errors.ts'
import {
  type ArchiveJob,
  type Archiver,
  type ArchiveStore,
  archiveOfKey,
  jobOutcomeKey,
} from '../../../core/ports/archives.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { Leftovers, SiteRuntime, SiteStorage } from '../../../core/ports/runtime.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { type DataHome, homeName } from '../../../core/site/location.ts'
import type { Site } from '../../../core/site/site.ts'
import { inParts, type Parts, siteIdOf } from '../../sites/run/sweep-parts.ts'
import type { Brake, Pace } from '../../trials/brake.ts'
import { discardCopy, requireDone } from '../copy/run-archive-job.ts'
import {
  hasArchive,
  type IsThere,
  type Judgement,
  judgeThing,
  type LeftThing,
  leftArchive,
  leftData,
  leftRunning,
  nameOfThing,
  usesRuntime,
} from './left-thing.ts'
import { isQuarantineOver, lookedAt, type Quarantine, type Quarantined } from './quarantine.ts'

export interface ClearLeftoversPorts extends Pick<Context, 'clocks' | 'pause' | 'monotonic' | 'log' | 'startsAtOnce'> {
  readonly sites: Pick<SiteStore, 'get' | 'listByStatus'>
  readonly runtime: Pick<SiteRuntime, 'list' | 'remove'>
  readonly storage: Pick<SiteStorage, 'list' | 'remove'>
  readonly leftovers: Leftovers
  readonly archiver: Archiver
  readonly archives: Pick<ArchiveStore, 'list' | 'remove'>
  readonly quarantine: Quarantine
  readonly brake: Brake
  readonly pace: Pace
}

/** In milliseconds. A longer deletion is continued by the next sweep. */
const patience = 5000
const lookEvery = 100

/** One job a day for each directory, so that sweeps share it. */
const jobOf = (home: DataHome, { clocks }: ClearLeftoversPorts): ArchiveJob => ({
  kind: 'release',
  id: `clear-${home.siteId}-${home.generation}-${clocks.wall().slice(0, 10)}`,
  siteId: home.siteId,
  home,
})

const isDone = async ({ archiver, archives }: ClearLeftoversPorts, job: ArchiveJob): Promise<boolean> => {
  try {
    await requireDone(archiver, job)
  } catch (error) {
    if (isErrorOfKind(error, 'ArchiveNotReady')) return false
    if (isErrorOfKind(error, 'ArchivingFailed')) await archives.remove(jobOutcomeKey(job))
    throw error
  }
  // Nobody reads the outcome again.
  await archives.remove(jobOutcomeKey(job))
  return true
}

const removeHome = async (ports: ClearLeftoversPorts, home: DataHome): Promise<boolean> => {
  const job = jobOf(home, ports)
  const givenUpAt = ports.monotonic() + patience
  while (!(await isDone(ports, job))) {
    if (ports.monotonic() >= givenUpAt) return false
    await ports.pause(lookEvery)
  }
  await ports.storage.remove(home)
  return true
}

/** Removes a thing. @returns false if it takes longer: call again. @throws {SitewrightError} `RuntimeUnavailable`, `ArchivingFailed`. */
const removeThing = async (ports: ClearLeftoversPorts, thing: LeftThing): Promise<boolean> => {
  if (thing.kind === 'data') return removeHome(ports, thing.home)
  if (thing.kind === 'archive') await discardCopy(ports.archives, thing.siteId, thing.archiveId)
  else if (thing.kind === 'running') await ports.runtime.remove(thing)
  else await ports.leftovers.remove(thing)
  return true
}

const copiesIn = async (archives: Pick<ArchiveStore, 'list'>): Promise<readonly LeftThing[]> => {
  const found = new Map<string, LeftThing>()
  for await (const { key } of archives.list('')) {
    const copy = archiveOfKey(key)
    if (copy !== undefined) found.set(key.slice(0, key.indexOf('.')), leftArchive(copy.siteId, copy.archiveId))
  }
  return [...found.values()]
}

/** Lists are cheaper than single reads; they only select what to check. */
const withData = ['building', 'ready', 'active', 'asleep', 'suspended', 'archived'] as const

const isUsual = (thing: LeftThing, site: Site | undefined): boolean => {
  if (site === undefined) return false
  if (thing.kind === 'archive') return hasArchive(site, thing.archiveId)
  if (thing.kind === 'data')
    return site.status !== 'archived' && thing.home.generation === site.generation && thing.home.cell === site.cell
  return thing.kind === 'running' || site.status === 'building' || usesRuntime(site)
}

/** Lists what does not obviously belong to a site, and which data directories exist. */
const findLeftThings = async (
  ports: ClearLeftoversPorts,
): Promise<{ readonly things: readonly LeftThing[]; readonly isThere: IsThere }> => {
  const { archives, sites, runtime, storage, leftovers } = ports
  const homes = await storage.list()
  const all = [
    ...homes.map(leftData),
    ...(await copiesIn(archives)),
    ...(await runtime.list({ isThorough: true })).map(leftRunning),
    ...(await leftovers.list()),
  ]
  const known = new Map<string, Site>()
  for (const status of withData) for await (const site of sites.listByStatus(status)) known.set(site.id, site)
  const placed = (home: DataHome) => `${home.cell}/${homeName(home)}`
  const names = new Set(homes.map(placed))
  return {
    things: all.filter((thing) => !isUsual(thing, known.get(thing.siteId))),
    isThere: (home) => names.has(placed(home)),
  }
}

/** Bounds a sweep; the next one continues. */
const removedAtMost = 50

interface Judged {
  readonly thing: LeftThing
  readonly judgement: Judgement
}

const siteIdOfThing = ({ thing }: Judged): string => thing.siteId

const judgeAll = async (
  { sites }: ClearLeftoversPorts,
  { each }: Parts,
  things: readonly LeftThing[],
  isThere: IsThere,
): Promise<readonly Judged[]> => {
  const read = new Map<string, Promise<Site | undefined>>()
  const judged: Judged[] = []
  await each(things, siteIdOf, async (thing) => {
    const site = read.get(thing.siteId) ?? sites.get(thing.siteId)
    read.set(thing.siteId, site)
    judged.push({ thing, judgement: judgeThing(thing, await site, isThere) })
  })
  return judged
}

/** Stores one more look, and logs a new find. */
const watch = async (
  { quarantine, clocks, log }: ClearLeftoversPorts,
  { thing, judgement }: Judged,
  before: Quarantined | undefined,
): Promise<Quarantined> => {
  const { kind, id, siteId } = thing
  if (before === undefined) {
    const message = 'something is there that should not be; it is watched for a day'
    log.warn({ event: 'leftover-found', siteId, kind, id, judgement }, message)
  }
  const after = lookedAt(thing, before, clocks.wall())
  // If another sweep looked too, the shorter time counts.
  return (await quarantine.note(after, before)) ? after : lookedAt(thing, undefined, after.seenAt)
}

/** Removes a thing if it is still left over and the rate limit allows it. */
const removeIfAllowed = async (ports: ClearLeftoversPorts, thing: LeftThing, isThere: IsThere): Promise<boolean> => {
  const { sites, quarantine, pace, log } = ports
  if (judgeThing(thing, await sites.get(thing.siteId), isThere) !== 'left-over') return false
  if (!(await pace.take(nameOfThing(thing)))) return false
  if (!(await removeThing(ports, thing))) return false
  await quarantine.release(thing)
  log.info({ event: 'leftover-removed', siteId: thing.siteId, kind: thing.kind, id: thing.id }, 'removed a leftover')
  return true
}

/**
 * Finds what sites have left behind: data directories, platform resources, archives, tasks without a record. Leftovers
 * of sites that were never open, and of what only built a site, are removed at once. Others are watched for 24 hours, then removed within the rate
 * limit while the brake is off. Data without a record is only reported.
 * @throws {SitewrightError} `Unavailable` at the end if something failed.
 */
export const clearLeftovers = async (ports: ClearLeftoversPorts): Promise<void> => {
  const { quarantine, brake, log } = ports
  const parts = inParts({ atOnce: ports.startsAtOnce, log })
  const before = new Map<string, Quarantined>()
  for await (const entry of quarantine.list()) before.set(nameOfThing(entry), entry)
  const { things, isThere } = await findLeftThings(ports)
  const judged = await judgeAll(ports, parts, things, isThere)

  const neverOpen = judged
    .filter(({ judgement }) => judgement === 'never-open' || judgement === 'passing')
    .slice(0, removedAtMost)
  await parts.each(neverOpen, siteIdOfThing, async ({ thing, judgement }) => {
    if (thing.kind === 'data' && judgement === 'never-open') await ports.runtime.remove(thing.home)
    await removeThing(ports, thing)
  })

  const watched = judged.filter(({ judgement }) => judgement === 'left-over' || judgement === 'unexplained')
  const due: LeftThing[] = []
  await parts.each(watched, siteIdOfThing, async (one) => {
    const entry = await watch(ports, one, before.get(nameOfThing(one.thing)))
    if (one.judgement === 'left-over' && isQuarantineOver(entry)) due.push(one.thing)
  })

  // What this sweep could not judge stays in quarantine.
  const settled = new Set(judged.map(({ thing }) => nameOfThing(thing)))
  const unjudged = new Set(things.map(nameOfThing).filter((name) => !settled.has(name)))
  const stillWatched = new Set(watched.map(({ thing }) => nameOfThing(thing)))
  const gone = [...before.values()].filter(
    (entry) => !stillWatched.has(nameOfThing(entry)) && !unjudged.has(nameOfThing(entry)),
  )
  await parts.each(gone, siteIdOf, (entry) => quarantine.release(entry))

  const isBraked = due.length > 0 && (await brake.isOn())
  let removed = 0
  await parts.each(isBraked ? [] : due.slice(0, removedAtMost), siteIdOf, async (thing) => {
    if (await removeIfAllowed(ports, thing, isThere)) removed += 1
  })
  if (watched.length > 0) {
    const unexplained = watched.filter(({ judgement }) => judgement === 'unexplained').length
    log.info(
      { event: 'leftovers-counted', found: watched.length, unexplained, due: due.length, removed, isBraked },
      'what is left over',
    )
  }
  parts.end()
}
