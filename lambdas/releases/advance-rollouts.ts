import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { LiveSite } from '../../core/site/site.ts'
import { compareWave, moveChosen, noteLook, type RolloutPorts, type Work } from './move-chosen.ts'
import {
  type ChosenSite,
  freshWalk,
  hasOnlyFailed,
  isAtWork,
  isOverBudget,
  isWaking,
  limitOf,
  type Rollout,
  type RolloutWalk,
  takenOf,
} from './rollout.ts'
import { goesBack, halt, isWaveDone, nextWave, type RolloutChange } from './rollout-changes.ts'
import { type Course, isCandidate } from './site-standing.ts'
import { chooseWoken, type WokenPolicy } from './woken.ts'

/** A run that is lost repeats one page. */
const pageSites = 200

/** The walk behind a page; undefined behind the last page of a pass that found nothing. */
const behind = (walk: RolloutWalk, cursor: string | undefined): RolloutWalk | undefined => {
  const { status, found } = walk
  if (cursor !== undefined) return { ...walk, cursor }
  if (status === 'active') return { status: 'asleep', found }
  // Sites that woke, slept or were busy meanwhile are met by another pass.
  return found === 0 ? undefined : freshWalk
}

const lookAtPage = async (sites: Pick<SiteStore, 'statusPage'>, course: Course, walk: RolloutWalk) => {
  const page = await sites.statusPage(walk.status, { limit: pageSites, cursor: walk.cursor })
  const met: readonly LiveSite[] = page.items
  return { met: met.filter((site) => isCandidate(site, course)), cursor: page.cursor }
}

/** Counts the sites before the first one moves, page by page. */
const countPage = async (sites: Pick<SiteStore, 'statusPage'>, course: Course, walk: RolloutWalk): Promise<Rollout> => {
  const { rollout } = course
  const { met, cursor } = await lookAtPage(sites, course, walk)
  const next = { ...walk, found: walk.found + met.length }
  const version = rollout.version + 1
  const isLast = walk.status === 'asleep' && cursor === undefined
  if (isLast) return { ...rollout, version, total: next.found, walk: freshWalk }
  return { ...rollout, version, walk: behind(next, cursor) ?? freshWalk }
}

/**
 * Chooses the next sites, first those that are woken for the wave, within the wave and the concurrency, by the walk of the roll-out. A page is left when each of its sites was chosen.
 * @returns undefined if there is no room.
 */
const chooseSites = async (
  sites: Pick<SiteStore, 'statusPage'>,
  course: Course,
  { atOnce, policy, now }: { readonly atOnce: number; readonly policy: WokenPolicy; readonly now: string },
): Promise<Rollout | undefined> => {
  const { rollout } = course
  const { walk, chosen } = rollout
  if (walk === undefined) return undefined
  if (rollout.total === undefined) return countPage(sites, course, walk)
  const free = atOnce - chosen.length
  if (free > 0 && isWaking(rollout)) return chooseWoken(sites, course, { room: free, policy, now })
  const room = Math.min(free, limitOf(rollout) - takenOf(rollout))
  if (room <= 0) return undefined
  const { met, cursor } = await lookAtPage(sites, course, walk)
  const known = new Set<string>(chosen.map(({ siteId }) => siteId))
  const others = met.filter(({ id }) => !known.has(id))
  const added = others.slice(0, room).map(({ id }): ChosenSite => ({ siteId: id, at: now }))
  // Those that are in progress may not get it: the pass ends behind them, and another one follows.
  const isLast = walk.status === 'asleep' && cursor === undefined
  if (isLast && added.length === 0 && known.size > 0) return undefined
  const version = rollout.version + 1
  const isLeft = added.length === others.length
  const found = { ...walk, found: walk.found + (isLeft ? met.length : added.length) }
  const { walk: _, ...kept } = rollout
  const next = isLeft ? behind(found, cursor) : found
  return {
    ...kept,
    version,
    lookedAt: now,
    chosen: [...chosen, ...added],
    ...(next === undefined ? {} : { walk: next }),
  }
}

/** In milliseconds. The next run continues. */
const longestRun = 40_000
/** In seconds: the longest bake time of a wave of a security release. */
const securityBake = 60

const bakeMilliseconds = (
  { usageLatenessSeconds }: RolloutPorts,
  { rollout, blueprint: { release } }: Work,
): number => {
  const { isSecurity, state, done, samples } = rollout
  if (state === 'going-back' || samples.length === 0 || done === 0) return 0
  const asked = release?.bakeSeconds ?? 600
  const seconds = isSecurity ? Math.min(asked, securityBake) : asked
  return seconds === 0 ? 0 : (seconds + usageLatenessSeconds) * 1000
}

/** The bake time of a wave, and what follows it. Undefined while it lasts. */
const bake = async (ports: RolloutPorts, work: Work): Promise<RolloutChange | undefined> => {
  const { rollout, context } = work
  const now = ports.clocks.wall()
  if (rollout.bakingUntil === undefined) {
    const milliseconds = bakeMilliseconds(ports, work)
    if (milliseconds === 0) return nextWave(rollout, context)
    const bakingUntil = plusMilliseconds(now, milliseconds)
    return { next: { ...rollout, version: rollout.version + 1, bakingUntil } }
  }
  if (now < rollout.bakingUntil) return undefined
  if (!(await compareWave(ports.usage, rollout.samples, now))) return nextWave(rollout, context)
  ports.log.error(
    { blueprint: rollout.blueprint, to: rollout.to, wave: rollout.wave },
    'more requests fail or are slow since a wave of a roll-out',
  )
  return halt(rollout, 'bake-time', goesBack(work), context)
}

/** The next change of a roll-out; undefined if there is nothing to do before the next run. */
const stepOf = async (ports: RolloutPorts, work: Work): Promise<RolloutChange | undefined> => {
  const { rollout, context } = work
  const isBraked = await ports.brake.isOn()
  // The brake counts as a pause, for which no site is late.
  const looked = isBraked ? undefined : noteLook(rollout, context.clocks.wall())
  if (looked !== undefined) return { next: looked }
  const moved = await moveChosen(ports, work, isBraked)
  if (moved !== undefined) return { next: moved }
  const isHopeless = isWaveDone(rollout) && hasOnlyFailed(rollout)
  if (rollout.state === 'running' && (isOverBudget(rollout) || isHopeless)) {
    return halt(rollout, 'failures', goesBack(work), context)
  }
  if (isWaveDone(rollout)) return bake(ports, work)
  if (isBraked) return undefined
  const { startsAtOnce: atOnce, releases } = ports
  const chosen = await chooseSites(ports.sites, work, { atOnce, policy: releases.woken, now: ports.clocks.wall() })
  return chosen === undefined ? undefined : { next: chosen }
}

const advance = async (ports: RolloutPorts, found: Rollout, causationId: string): Promise<void> => {
  const { blueprints, rollouts, clocks, randomness } = ports
  const versions = await blueprints.versions(found.blueprint)
  const blueprint = versions.find(({ version }) => version === found.to)
  if (blueprint === undefined)
    throw new SitewrightError('BlueprintUnknown', `${found.blueprint} ${found.to} is unknown.`)
  const context = { actor: system, causationId, clocks, randomness }
  const until = ports.monotonic() + longestRun
  for (let rollout = found; isAtWork(rollout) && !ports.isStopping() && ports.monotonic() < until; ) {
    const change = await stepOf(ports, { rollout, versions, blueprint, context })
    // On a conflict an operator has changed it: the next run reads it again.
    if (change === undefined || !(await rollouts.write(change.next, change.event))) return
    rollout = change.next
  }
}

/**
 * Moves every roll-out on: it looks at the sites that are in progress, begins others within that number, and ends waves. Must not run
 * concurrently. Roll-outs share the number of sites that move at once. The brake stops new sites, and nothing that is in progress.
 * @throws {SitewrightError} `Unavailable` at the end if one could not be moved on.
 */
export const advanceRollouts = async (ports: RolloutPorts, causationId: string): Promise<void> => {
  const left: string[] = []
  const atWork = (await ports.rollouts.list()).filter(isAtWork)
  const startsAtOnce = Math.max(1, Math.floor(ports.startsAtOnce / atWork.length))
  for (const rollout of atWork) {
    try {
      await advance({ ...ports, startsAtOnce }, rollout, causationId)
    } catch (error) {
      ports.log.warn({ blueprint: rollout.blueprint, err: error }, 'a roll-out could not be moved on')
      left.push(rollout.blueprint)
    }
  }
  if (left.length > 0)
    throw new SitewrightError('Unavailable', `These roll-outs could not be moved on: ${left.join(', ')}`)
}
