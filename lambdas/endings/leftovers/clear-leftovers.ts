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
import type { Brake } from '../../trials/brake.ts'
import type { Pace } from '../../trials/pull-brake.ts'
import { discardCopy, requireDone } from '../copy/run-archive-job.ts'
import {
  hasArchive,
  type IsThere,
  type Judgement,
  judgeLeftover,
  type Leftover,
  leftArchive,
  leftData,
  leftRunning,
  nameOfLeftover,
  usesRuntime,
} from './leftover.ts'
import { afterCheck, isQuarantineOver, type Quarantine, type Quarantined } from './quarantine.ts'

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
const pollEvery = 100

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
    await ports.pause(pollEvery)
  }
  await ports.storage.remove(home)
  return true
}

/** Removes a leftover. @returns false if it takes longer: call again. @throws {SitewrightError} `RuntimeUnavailable`, `ArchivingFailed`. */
const removeLeftover = async (ports: ClearLeftoversPorts, leftover: Leftover): Promise<boolean> => {
  if (leftover.kind === 'data') return removeHome(ports, leftover.home)
  if (leftover.kind === 'archive') await discardCopy(ports.archives, leftover.siteId, leftover.archiveId)
  else if (leftover.kind === 'running') await ports.runtime.remove(leftover)
  else await ports.leftovers.remove(leftover)
  return true
}

const copiesIn = async (archives: Pick<ArchiveStore, 'list'>): Promise<readonly Leftover[]> => {
  const found = new Map<string, Leftover>()
  for await (const { key } of archives.list('')) {
    const copy = archiveOfKey(key)
    if (copy !== undefined) found.set(key.slice(0, key.indexOf('.')), leftArchive(copy.siteId, copy.archiveId))
  }
  return [...found.values()]
}

/** Lists are cheaper than single reads; they only select what to check. */
const withData = ['building', 'ready', 'active', 'asleep', 'suspended', 'archived'] as const

const isUsual = (leftover: Leftover, site: Site | undefined): boolean => {
  if (site === undefined) return false
  if (leftover.kind === 'archive') return hasArchive(site, leftover.archiveId)
  if (leftover.kind === 'data')
    return (
      site.status !== 'archived' && leftover.home.generation === site.generation && leftover.home.cell === site.cell
    )
  return leftover.kind === 'running' || site.status === 'building' || usesRuntime(site)
}

/** Lists what does not obviously belong to a site, and which data directories exist. */
const findLeftovers = async (
  ports: ClearLeftoversPorts,
): Promise<{ readonly listed: readonly Leftover[]; readonly isThere: IsThere }> => {
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
    listed: all.filter((leftover) => !isUsual(leftover, known.get(leftover.siteId))),
    isThere: (home) => names.has(placed(home)),
  }
}

/** Bounds a sweep; the next one continues. */
const removedAtMost = 50

interface Judged {
  readonly leftover: Leftover
  readonly judgement: Judgement
}

const siteIdOfLeftover = ({ leftover }: Judged): string => leftover.siteId

const judgeAll = async (
  { sites }: ClearLeftoversPorts,
  { each }: Parts,
  listed: readonly Leftover[],
  isThere: IsThere,
): Promise<readonly Judged[]> => {
  const read = new Map<string, Promise<Site | undefined>>()
  const judged: Judged[] = []
  await each(listed, siteIdOf, async (leftover) => {
    const site = read.get(leftover.siteId) ?? sites.get(leftover.siteId)
    read.set(leftover.siteId, site)
    judged.push({ leftover, judgement: judgeLeftover(leftover, await site, isThere) })
  })
  return judged
}

/** Stores one more check, and logs a new find. */
const watch = async (
  { quarantine, clocks, log }: ClearLeftoversPorts,
  { leftover, judgement }: Judged,
  before: Quarantined | undefined,
): Promise<Quarantined> => {
  const { kind, id, siteId } = leftover
  if (before === undefined) {
    const message = 'something is there that should not be; it is watched for a day'
    log.warn({ event: 'leftover-found', siteId, kind, id, judgement }, message)
  }
  const after = afterCheck(leftover, before, clocks.wall())
  // If another sweep looked too, the shorter time counts.
  return (await quarantine.note(after, before)) ? after : afterCheck(leftover, undefined, after.seenAt)
}

/** Removes a leftover if it is still one and the rate limit allows it. */
const removeIfAllowed = async (ports: ClearLeftoversPorts, leftover: Leftover, isThere: IsThere): Promise<boolean> => {
  const { sites, quarantine, pace, log } = ports
  if (judgeLeftover(leftover, await sites.get(leftover.siteId), isThere) !== 'left-over') return false
  if (!(await pace.take(nameOfLeftover(leftover)))) return false
  if (!(await removeLeftover(ports, leftover))) return false
  await quarantine.release(leftover)
  log.info(
    { event: 'leftover-removed', siteId: leftover.siteId, kind: leftover.kind, id: leftover.id },
    'removed a leftover',
  )
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
  for await (const entry of quarantine.list()) before.set(nameOfLeftover(entry), entry)
  const { listed, isThere } = await findLeftovers(ports)
  const judged = await judgeAll(ports, parts, listed, isThere)

  const neverOpen = judged
    .filter(({ judgement }) => judgement === 'never-open' || judgement === 'passing')
    .slice(0, removedAtMost)
  await parts.each(neverOpen, siteIdOfLeftover, async ({ leftover, judgement }) => {
    if (leftover.kind === 'data' && judgement === 'never-open') await ports.runtime.remove(leftover.home)
    await removeLeftover(ports, leftover)
  })

  const watched = judged.filter(({ judgement }) => judgement === 'left-over' || judgement === 'unexplained')
  const due: Leftover[] = []
  await parts.each(watched, siteIdOfLeftover, async (one) => {
    const entry = await watch(ports, one, before.get(nameOfLeftover(one.leftover)))
    if (one.judgement === 'left-over' && isQuarantineOver(entry)) due.push(one.leftover)
  })

  // What this sweep could not judge stays in quarantine.
  const settled = new Set(judged.map(({ leftover }) => nameOfLeftover(leftover)))
  const unjudged = new Set(listed.map(nameOfLeftover).filter((name) => !settled.has(name)))
  const stillWatched = new Set(watched.map(({ leftover }) => nameOfLeftover(leftover)))
  const gone = [...before.values()].filter(
    (entry) => !stillWatched.has(nameOfLeftover(entry)) && !unjudged.has(nameOfLeftover(entry)),
  )
  await parts.each(gone, siteIdOf, (entry) => quarantine.release(entry))

  const isBraked = due.length > 0 && (await brake.isOn())
  let removed = 0
  await parts.each(isBraked ? [] : due.slice(0, removedAtMost), siteIdOf, async (leftover) => {
    if (await removeIfAllowed(ports, leftover, isThere)) removed += 1
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
