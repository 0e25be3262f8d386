import { eachApart } from '../../core/each-at-once.ts'
import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Site } from '../../core/site/site.ts'
import { rulesOfCell } from './cell-rules.ts'
import { compareWave, moveChosen, noteCheck, type RolloutPorts, type Work } from './move-chosen.ts'
import {
  type AnyRollout,
  type ChosenSite,
  hasOnlyFailed,
  idOf,
  isAtWork,
  isOfCell,
  isOverBudget,
  isWaking,
  limitOf,
  type RolloutWalk,
  takenOf,
} from './rollout.ts'
import { halt, isWaveDone, nextWave, type RolloutChange } from './rollout-changes.ts'
import { type Rules, rulesOfVersion } from './site-progress.ts'
import { chooseWoken, type WokenPolicy } from './woken.ts'

/** A run that is lost repeats one page. */
const pageSites = 200

const firstWalk = ({ statuses: [status = 'active'] }: Rules): RolloutWalk => ({ status, found: 0 })

/** The walk behind a page; undefined behind the last page of a pass. */
const behind = (walk: RolloutWalk, cursor: string | undefined, { statuses, tiers }: Rules): RolloutWalk | undefined => {
  const { status, found, tier = 0 } = walk
  if (cursor !== undefined) return { ...walk, cursor }
  const next = statuses[statuses.indexOf(status) + 1]
  if (next !== undefined) return { status: next, found, ...(tier > 0 && { tier }) }
  const [first] = statuses
  return first !== undefined && tier + 1 < tiers ? { status: first, found, tier: tier + 1 } : undefined
}

const checkPage = async (sites: Pick<SiteStore, 'statusPage'>, rules: Rules, walk: RolloutWalk) => {
  const page = await sites.statusPage(walk.status, { limit: pageSites, cursor: walk.cursor })
  const met: readonly Site[] = page.items
  return { met: met.filter(rules.isCandidate), cursor: page.cursor }
}

/** Counts the sites before the first one moves, page by page. */
const countPage = async (
  sites: Pick<SiteStore, 'statusPage'>,
  { rollout, rules }: Work,
  walk: RolloutWalk,
): Promise<AnyRollout> => {
  const { met, cursor } = await checkPage(sites, rules, walk)
  const counted = { ...walk, found: walk.found + met.length }
  const next = behind(counted, cursor, rules)
  const version = rollout.version + 1
  return next === undefined
    ? { ...rollout, version, total: counted.found, walk: firstWalk(rules) }
    : { ...rollout, version, walk: next }
}

/**
 * Chooses the next sites, first those that are woken for the wave, within the wave and the concurrency, by the walk of the roll-out. A page is left when each of its sites was chosen.
 * @returns undefined if there is no room.
 */
const chooseSites = async (
  sites: Pick<SiteStore, 'statusPage'>,
  work: Work,
  { atOnce, policy, now }: { readonly atOnce: number; readonly policy: WokenPolicy; readonly now: string },
): Promise<AnyRollout | undefined> => {
  const { rollout, rules } = work
  const { walk, chosen } = rollout
  if (walk === undefined) return undefined
  if (rollout.total === undefined) return countPage(sites, work, walk)
  const free = atOnce - chosen.length
  if (free > 0 && isWaking(rollout))
    return chooseWoken(sites, { rollout, isCandidate: rules.isCandidate }, { room: free, policy, now })
  const room = Math.min(free, limitOf(rollout) - takenOf(rollout))
  if (room <= 0) return undefined
  const { met, cursor } = await checkPage(sites, rules, walk)
  const known = new Set<string>(chosen.map(({ siteId }) => siteId))
  const others = met.filter(({ id }) => !known.has(id))
  const wakes = rules.leaves ? { wakes: true as const } : {}
  const added = others.slice(0, room).map(({ id }): ChosenSite => ({ siteId: id, at: now, ...wakes }))
  // Those that are in progress may not get it: the pass ends behind them, and another one follows.
  const isLast = behind(walk, cursor, rules) === undefined
  if (isLast && added.length === 0 && known.size > 0) return undefined
  const version = rollout.version + 1
  const isLeft = added.length === others.length
  const found = { ...walk, found: walk.found + (isLeft ? met.length : added.length) }
  const { walk: _, ...kept } = rollout
  // Sites that woke, slept or were busy meanwhile are met by another pass.
  const again = found.found === 0 ? undefined : firstWalk(rules)
  const next = isLeft ? (behind(found, cursor, rules) ?? again) : found
  return {
    ...kept,
    version,
    checkedAt: now,
    chosen: [...chosen, ...added],
    ...(next === undefined ? {} : { walk: next }),
  }
}

/** In milliseconds. The next run continues. */
const longestRun = 40_000
/** In seconds: the longest bake time of a wave of a security release. */
const securityBake = 60

const bakeMilliseconds = ({ usageLatenessSeconds }: RolloutPorts, { rollout, rules }: Work): number => {
  const { state, done, samples } = rollout
  if (state === 'going-back' || samples.length === 0 || done === 0) return 0
  const asked = rules.bakeSeconds
  const seconds = !isOfCell(rollout) && rollout.isSecurity ? Math.min(asked, securityBake) : asked
  return seconds === 0 ? 0 : (seconds + usageLatenessSeconds) * 1000
}

/** The bake time of a wave, and what follows it. Undefined while it lasts. */
const bake = async (ports: RolloutPorts, work: Work): Promise<RolloutChange | undefined> => {
  const { rollout, rules, context } = work
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
    { rollout: idOf(rollout), wave: rollout.wave },
    'more requests fail or are slow since a wave of a roll-out',
  )
  return halt(rollout, 'bake-time', rules.goesBack, context)
}

/** The next change of a roll-out; undefined if there is nothing to do before the next run. */
const stepOf = async (ports: RolloutPorts, work: Work): Promise<RolloutChange | undefined> => {
  const { rollout, rules, context } = work
  const isBraked = await ports.brake.isOn()
  // The brake counts as a pause, for which no site is late.
  const checked = isBraked ? undefined : noteCheck(rollout, context.clocks.wall())
  if (checked !== undefined) return { next: checked }
  const moved = await moveChosen(ports, work, isBraked)
  if (moved !== undefined) return { next: moved }
  const isHopeless = isWaveDone(rollout) && hasOnlyFailed(rollout)
  if (rollout.state === 'running' && (isOverBudget(rollout) || isHopeless)) {
    return halt(rollout, 'failures', rules.goesBack, context)
  }
  if (isWaveDone(rollout)) return bake(ports, work)
  if (isBraked) return undefined
  const { startsAtOnce: atOnce, releases } = ports
  const chosen = await chooseSites(ports.sites, work, { atOnce, policy: releases.woken, now: ports.clocks.wall() })
  return chosen === undefined ? undefined : { next: chosen }
}

const advance = async (ports: RolloutPorts, found: AnyRollout, causationId: string): Promise<void> => {
  const { blueprints, rollouts, cells, clocks, randomness } = ports
  const versions = isOfCell(found) ? [] : await blueprints.versions(found.blueprint)
  const context = { actor: system, causationId, clocks, randomness }
  const until = ports.monotonic() + longestRun
  for (let rollout = found; isAtWork(rollout) && !ports.isStopping() && ports.monotonic() < until; ) {
    const rules = isOfCell(rollout) ? rulesOfCell(ports, rollout) : rulesOfVersion(rollout, versions, cells)
    if (rules === undefined) throw new SitewrightError('BlueprintUnknown', `The version of ${idOf(found)} is unknown.`)
    const change = await stepOf(ports, { rollout, rules, context })
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
  const atWork = (await ports.rollouts.listAll()).filter(isAtWork)
  const startsAtOnce = Math.max(1, Math.floor(ports.startsAtOnce / atWork.length))
  await eachApart(
    atWork,
    {
      log: ports.log,
      named: (rollout) => ['rollout', idOf(rollout)],
      failed: 'a roll-out could not be moved on',
      summary: 'These roll-outs could not be moved on',
    },
    (rollout) => advance({ ...ports, startsAtOnce }, rollout, causationId),
  )
}
