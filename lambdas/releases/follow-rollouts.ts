import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import { changeSite, startOperationSoon } from '../../core/site/change-site.ts'
import type { ActiveSite, Site } from '../../core/site/site.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import type { Parts } from '../sites/run/sweep-parts.ts'
import type { RequestPorts } from '../sleep/wake-site.ts'
import type { Brake } from '../trials/brake.ts'
import { isOpen, lastFinished, type Rollout, type RolloutStore } from './rollout.ts'
import { type Course, isCandidate, upgradeOf } from './site-progress.ts'

/** As many sites move at once as in a roll-out. */
export interface FollowRolloutsPorts extends RequestPorts, Pick<Context, 'startsAtOnce'> {
  readonly rollouts: Pick<RolloutStore, 'list'>
  readonly blueprints: Pick<BlueprintReader, 'versions'>
  readonly brake: Brake
}

/**
 * What a returning site follows, by blueprint: the last roll-out that finished, or the way back of one that went back meanwhile. None during a
 * roll-out that is open: it finds the sites itself, or an operator decides.
 */
const followed = (rollouts: readonly Rollout[]): readonly Rollout[] =>
  rollouts.flatMap((rollout) => {
    if (isOpen(rollout)) return []
    const { downFrom: _, ...kept } = rollout
    const to = lastFinished(rollout)
    return [
      ...(rollout.state === 'went-back' ? [{ ...rollout, state: 'going-back' as const }] : []),
      ...(to === undefined ? [] : [{ ...kept, to }]),
    ]
  })

/**
 * Whether a site has an older version than a finished roll-out gave the others: it was suspended, archived or not yet claimed then. A site
 * keeps its version if it went back from the newer one, or from a later one, or if an operator restored its data from before an upgrade.
 */
export const isBehind = (site: Site | undefined, rollout: Pick<Rollout, 'to'> | undefined): site is ActiveSite => {
  if (site?.status !== 'active' || rollout === undefined || site.blueprint.version >= rollout.to) return false
  const { upgradedFrom = 0, failedUpgrade: failed } = site
  return failed?.restored === undefined && Math.max(upgradedFrom, failed?.to ?? 0) < rollout.to
}

/** Whether a site may have missed what a roll-out did. On the way back, it still has the version that others went back from. */
const mayHaveMissed = (site: Site | undefined, rollout: Rollout): site is ActiveSite =>
  rollout.state === 'going-back'
    ? site?.status === 'active' && site.blueprint.version === rollout.to
    : isBehind(site, rollout)

const hasMissed = (site: Site | undefined, course: Course): site is ActiveSite =>
  mayHaveMissed(site, course.rollout) && isCandidate(site, course)

/**
 * Begins to upgrade the active sites that returned after the last roll-out of their blueprint had ended, as many at once as a roll-out
 * moves. A failed upgrade is recorded on the site and not repeated. The brake stops new upgrades.
 * @param open the sites that a sweep has read.
 */
export const followRollouts = async (
  ports: FollowRolloutsPorts,
  open: readonly Site[],
  parts: Pick<Parts, 'each'>,
  causationId: string,
): Promise<void> => {
  const { sites, blueprints, startsAtOnce, clocks, randomness } = ports
  const active = open.filter((site) => site.status === 'active')
  const idle = active.filter(({ operation }) => operation === undefined)
  const behind: { readonly id: SiteId; readonly course: Course }[] = []
  for (const rollout of followed(await ports.rollouts.list())) {
    const met = idle.filter((site) => site.blueprint.name === rollout.blueprint && mayHaveMissed(site, rollout))
    if (met.length === 0) continue
    const course = { rollout, versions: await blueprints.versions(rollout.blueprint) }
    behind.push(...met.filter((site) => hasMissed(site, course)).map(({ id }) => ({ id, course })))
  }
  const room = startsAtOnce - active.filter(({ operation }) => operation?.kind === 'upgrade').length
  if (behind.length === 0 || room <= 0 || (await ports.brake.isOn())) return
  const context = { actor: system, causationId, clocks, randomness }
  const begin = async ({ id, course }: (typeof behind)[number]): Promise<void> => {
    const chosen = { siteId: id, at: clocks.wall() }
    const site = await changeSite(sites, id, (one) =>
      hasMissed(one, course) ? upgradeOf(one, chosen, course, context) : undefined,
    )
    if (site !== undefined) await startOperationSoon(ports, site)
  }
  await parts.each(behind.slice(0, room), ({ id }) => id, begin)
}
