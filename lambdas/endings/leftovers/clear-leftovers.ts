import type { Log } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { Site } from '../../../core/site/site.ts'
import { inParts, type Parts } from '../../sites/run/sweep-parts.ts'
import type { Brake, Pace } from '../../trials/brake.ts'
import { type IsThere, type Judgement, judgeThing, type LeftThing, nameOfThing } from './left-thing.ts'
import { isQuarantineOver, lookedAt, type Quarantine, type Quarantined } from './quarantine.ts'
import { type FindLeftThingsPorts, findLeftThings, type RemoveThingPorts, removeThing } from './remove-thing.ts'

export type ClearLeftoversPorts = FindLeftThingsPorts &
  RemoveThingPorts & {
    readonly sites: Pick<SiteStore, 'get' | 'listByStatus'>
    readonly quarantine: Quarantine
    readonly brake: Brake
    readonly pace: Pace
    readonly log: Log
    readonly startsAtOnce: number
  }

/** Bounds a sweep; the next one continues. */
const removedAtMost = 50

interface Judged {
  readonly thing: LeftThing
  readonly judgement: Judgement
}

const siteIdOf = ({ thing }: Judged): string => thing.siteId

const judgeAll = async (
  { sites }: ClearLeftoversPorts,
  { each }: Parts,
  things: readonly LeftThing[],
  isThere: IsThere,
): Promise<readonly Judged[]> => {
  const read = new Map<string, Promise<Site | undefined>>()
  const judged: Judged[] = []
  await each(
    things,
    ({ siteId }) => siteId,
    async (thing) => {
      const site = read.get(thing.siteId) ?? sites.get(thing.siteId)
      read.set(thing.siteId, site)
      judged.push({ thing, judgement: judgeThing(thing, await site, isThere) })
    },
  )
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
    log.warn(
      { event: 'leftover-found', siteId, kind, id, judgement },
      'something is there that should not be; it is watched for a day',
    )
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
 * of sites that were never open are removed at once. Others are watched for 24 hours, then removed within the rate
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

  const neverOpen = judged.filter(({ judgement }) => judgement === 'never-open').slice(0, removedAtMost)
  await parts.each(neverOpen, siteIdOf, async ({ thing }) => {
    if (thing.kind === 'data') await ports.runtime.remove(thing.home)
    await removeThing(ports, thing)
  })

  const watched = judged.filter(({ judgement }) => judgement === 'left-over' || judgement === 'unexplained')
  const due: LeftThing[] = []
  await parts.each(watched, siteIdOf, async (one) => {
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
  await parts.each(
    gone,
    ({ siteId }) => siteId,
    (entry) => quarantine.release(entry),
  )

  const isBraked = due.length > 0 && (await brake.isOn())
  let removed = 0
  await parts.each(
    isBraked ? [] : due.slice(0, removedAtMost),
    ({ siteId }) => siteId,
    async (thing) => {
      if (await removeIfAllowed(ports, thing, isThere)) removed += 1
    },
  )
  if (watched.length > 0) {
    const unexplained = watched.filter(({ judgement }) => judgement === 'unexplained').length
    log.info(
      { event: 'leftovers-counted', found: watched.length, unexplained, due: due.length, removed, isBraked },
      'what is left over',
    )
  }
  parts.end()
}
