import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { isBeside } from '../../../core/site/environment.ts'
import { type BlueprintReference, isOfDraft, type Site } from '../../../core/site/site.ts'
import { isIn, type PlacementPorts } from '../cells/place-sites.ts'
import type { PoolPolicy } from './pool.ts'

interface PacePorts extends Pick<Context, 'clocks' | 'log' | 'offeredBlueprints'>, Pick<PlacementPorts, 'capacities'> {
  readonly sites: Pick<SiteStore, 'newestByStatus'>
  readonly pool: Pick<PoolPolicy, 'buildsAtOnce'>
}

/** What is built: a version, or a revision of a draft of it. */
interface Built extends BlueprintReference {
  readonly draft?: number
}

/** After recent failures one build is tried at a time, with a pause after each. */
export const allowedAtOnce = async (ports: PacePorts, built: Built): Promise<number> => {
  const { failuresInRow, pausedUntil } = buildPace(await recentOutcomes(ports, built), ports.clocks.domain())
  if (failuresInRow === 0) return ports.pool.buildsAtOnce
  if (pausedUntil === undefined) return 1
  ports.log.warn(
    { event: 'pool-waits', blueprint: built.name, version: built.version, failuresInRow, pausedUntil },
    'the last builds failed; the pool pauses before the next one',
  )
  return 0
}

/** By the domain clock. */
export interface BuildOutcome {
  readonly isGood: boolean
  readonly at: Instant
}

interface BuildPace {
  readonly failuresInRow: number
  /** Absent if a build may start now. */
  readonly pausedUntil?: Instant
}

/** In milliseconds. */
const firstPause = 15_000
const longestPause = 5 * 60_000

/** The pause stops growing after this many failures. */
const outcomesToCheck = 8

/** Each failure in a row doubles the pause. Outcomes in the future, after a clock was set back, do not count. */
export const buildPace = (outcomes: readonly BuildOutcome[], now: Instant): BuildPace => {
  const newestFirst = outcomes.filter(({ at }) => at <= now).toSorted((a, b) => (a.at < b.at ? 1 : -1))
  const firstGood = newestFirst.findIndex(({ isGood }) => isGood)
  const failures = firstGood === -1 ? newestFirst : newestFirst.slice(0, firstGood)
  const last = failures[0]
  if (last === undefined) return { failuresInRow: 0 }
  const pause = Math.min(longestPause, firstPause * 2 ** (failures.length - 1))
  const pausedUntil = plusMilliseconds(last.at, pause)
  return { failuresInRow: failures.length, ...(pausedUntil > now ? { pausedUntil } : {}) }
}

/** A rehearsal or an environment says nothing of new sites: it may fail by its data. */
const outcomeOf = (site: Site): BuildOutcome | undefined => {
  if (isBeside(site)) return undefined
  if (site.status === 'failed') return { isGood: false, at: site.failure.at }
  const opened = site.completedSteps.find(({ name }) => name === 'open')
  return opened === undefined ? undefined : { isGood: true, at: opened.at }
}

/** The outcomes of the newest builds of this blueprint version. If none failed, nothing else is read. */
const recentOutcomes = async (ports: PacePorts, { name, version, draft }: Built): Promise<readonly BuildOutcome[]> => {
  const max = outcomesToCheck * ports.offeredBlueprints.length
  const read = async (status: 'failed' | 'ready' | 'active' | 'asleep'): Promise<readonly BuildOutcome[]> => {
    const newest: readonly Site[] = await ports.sites.newestByStatus(status, max)
    return (
      newest
        .filter((site) => isIn(ports, site) && site.blueprint.name === name && site.blueprint.version === version)
        // Another content of the draft failed.
        .filter((site) => !isOfDraft(site) || site.draft === draft)
        .flatMap((site) => outcomeOf(site) ?? [])
    )
  }
  const failed = await read('failed')
  return failed.length === 0
    ? []
    : [...failed, ...(await read('ready')), ...(await read('active')), ...(await read('asleep'))]
}
