import { system } from '../events/event-names.ts'
import type { Brake } from '../ports/brake.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { RolloutStore } from '../ports/rollouts.ts'
import type { BlueprintReader, SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import type { Parts } from '../reconcile/sweep-parts.ts'
import { changeSite, startOperationSoon } from '../site/change-site.ts'
import type { ActiveSite, Site } from '../site/site.ts'
import type { Rollout } from './rollout.ts'
import { isOpen, lastFinished } from './rollout.ts'
import { upgradeOf } from './site-standing.ts'

export interface FollowRolloutsPorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly rollouts: Pick<RolloutStore, 'list'>
  readonly blueprints: Pick<BlueprintReader, 'versions'>
  readonly brake: Brake
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
  /** How many sites move at once, as in a roll-out. */
  readonly startsAtOnce: number
}

/** The last roll-out that finished, by blueprint. None during a roll-out that is open: it finds the sites itself, or an operator decides. */
const finishedRollouts = (rollouts: readonly Rollout[]): ReadonlyMap<string, Rollout> =>
  new Map(
    rollouts.flatMap((rollout) => {
      const { downFrom: _, ...kept } = rollout
      const to = isOpen(rollout) ? undefined : lastFinished(rollout)
      return to === undefined ? [] : [[rollout.blueprint, { ...kept, to }]]
    }),
  )

/**
 * Whether a site has an older version than a finished roll-out gave the others: it was suspended, archived or not yet claimed then. A site
 * keeps its version if it went back from the newer one, or from a later one, or if an operator restored its data from before an upgrade.
 */
export const isBehind = (site: Site | undefined, rollout: Pick<Rollout, 'to'> | undefined): site is ActiveSite => {
  if (site?.status !== 'active' || rollout === undefined || site.blueprint.version >= rollout.to) return false
  const { upgradedFrom = 0, failedUpgrade: failed } = site
  return failed?.restored === undefined && Math.max(upgradedFrom, failed?.to ?? 0) < rollout.to
}

/**
 * Begins to upgrade the active sites that returned after the last roll-out of their blueprint had finished, as many at once as a roll-out
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
  const finished = finishedRollouts(await ports.rollouts.list())
  const active = open.filter((site) => site.status === 'active')
  const behind = active.filter(
    (site) => site.operation === undefined && isBehind(site, finished.get(site.blueprint.name)),
  )
  const room = startsAtOnce - active.filter(({ operation }) => operation?.kind === 'upgrade').length
  if (behind.length === 0 || room <= 0 || (await ports.brake.isOn())) return
  const context = { actor: system, causationId, clocks, randomness }
  const begin = async ({ id, blueprint: { name } }: ActiveSite): Promise<void> => {
    const rollout = finished.get(name)
    if (rollout === undefined) return
    const course = { rollout, versions: await blueprints.versions(name) }
    const chosen = { siteId: id, at: clocks.wall() }
    const site = await changeSite(sites, id, (one) =>
      isBehind(one, rollout) ? upgradeOf(one, chosen, course, context) : undefined,
    )
    if (site !== undefined) await startOperationSoon(ports, site)
  }
  await parts.each(behind.slice(0, room), ({ id }) => id, begin)
}
