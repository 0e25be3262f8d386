import { eachAtOnce } from '../../core/each-at-once.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { changeSite } from '../../core/site/change-site.ts'
import { startOperationSoon } from '../../core/site/operation-changes.ts'
import { sampleOf } from './bake.ts'
import { type ChosenSite, type Rollout, type Sample, withFailures } from './rollout.ts'
import type { RolloutPorts, Work } from './rollout-ports.ts'
import { type SiteStanding, standingOf, upgradeOf } from './site-standing.ts'

/** Sites of a wave whose requests are compared. */
const mostSamples = 50

/** In milliseconds, several runs: how old the last look is when another one is noted, and when the roll-out was paused or the host down. */
const [noteAfter, gapAfter] = [5 * 60_000, 8 * 60_000]

/** Notes that a run looks at the chosen sites; undefined if that was noted lately. */
export const noteLook = (rollout: Rollout, now: Instant): Rollout | undefined => {
  const { chosen, lookedAt, version } = rollout
  if (chosen.length === 0 || (lookedAt !== undefined && now < plusMilliseconds(lookedAt, noteAfter))) return undefined
  const isGap = lookedAt !== undefined && now > plusMilliseconds(lookedAt, gapAfter)
  const next = { ...rollout, version: version + 1, lookedAt: now }
  return isGap ? { ...next, chosen: chosen.map((one) => ({ ...one, waitsFrom: now })) } : next
}

const hasRoom = async (
  { sites, makeRoom }: RolloutPorts,
  { siteId, wakes }: ChosenSite,
  causationId: string,
): Promise<boolean> => {
  const isToWake = wakes === true && (await sites.get(siteId))?.status === 'asleep'
  return !isToWake || makeRoom(causationId)
}

/** Looks at a chosen site, and begins what it needs unless the brake is on. @returns how it stands after that. */
const moveSite = async (
  ports: RolloutPorts,
  work: Work,
  chosen: ChosenSite,
  isBraked: boolean,
): Promise<SiteStanding> => {
  const { context } = work
  const look = async (): Promise<SiteStanding> => {
    const now = isBraked ? (chosen.waitsFrom ?? chosen.at) : context.clocks.wall()
    return standingOf(await ports.sites.get(chosen.siteId), chosen, work, now)
  }
  const found = await look()
  if (isBraked) return found
  if (found.is !== 'to-begin') return found
  if (!(await hasRoom(ports, chosen, context.causationId))) return { is: 'waits' }
  const site = await changeSite(ports.sites, chosen.siteId, (one) => upgradeOf(one, chosen, work, context))
  if (site !== undefined) await startOperationSoon(ports, site)
  return look()
}

interface Settled {
  readonly chosen: ChosenSite
  readonly standing: SiteStanding
}

const hasEnded = ({ standing: { is } }: Settled): boolean =>
  ['done', 'assigned', 'failed', 'left', 'skipped'].includes(is)

const settled = (rollout: Rollout, ended: readonly Settled[], samples: readonly Sample[]): Rollout => {
  const count = (is: SiteStanding['is']): number => ended.filter(({ standing }) => standing.is === is).length
  const gone = new Set<string>(ended.map(({ chosen }) => chosen.siteId))
  const failed = ended.flatMap(({ chosen: { siteId }, standing }) => {
    if (standing.is !== 'failed') return []
    const { because, cause } = standing
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
    samples: [...rollout.samples, ...samples].slice(0, mostSamples),
  }
}

/** Begins the chosen sites unless the brake is on, and takes those that have ended out of the list. @returns undefined if none has ended. */
export const moveChosen = async (ports: RolloutPorts, work: Work, isBraked: boolean): Promise<Rollout | undefined> => {
  const { rollout, context } = work
  const ended: Settled[] = []
  const samples: Sample[] = []
  const mayCompare = rollout.state === 'running' && rollout.samples.length < mostSamples
  await eachAtOnce(rollout.chosen, ports.startsAtOnce, async (chosen) => {
    const one = { chosen, standing: await moveSite(ports, work, chosen, isBraked) }
    if (!hasEnded(one)) return
    ended.push(one)
    if (mayCompare && one.standing.is === 'done') {
      samples.push(await sampleOf(ports.usage, chosen.siteId, context.clocks.wall()))
    }
  })
  return ended.length === 0 ? undefined : settled(rollout, ended, samples)
}
