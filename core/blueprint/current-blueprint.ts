import type { RolloutStore } from '../ports/rollouts.ts'
import type { BlueprintReader } from '../ports/stores.ts'
import type { Rollout } from '../release/rollout.ts'
import { lastFinished } from '../release/rollout.ts'
import type { Blueprint } from './blueprint.ts'

export interface CurrentBlueprintPorts {
  readonly blueprints: Pick<BlueprintReader, 'versions'>
  readonly rollouts: Pick<RolloutStore, 'read'>
}

/** Whether a roll-out upwards failed, or one to a former version did not: new sites then get an older version. */
const holdsBack = ({ downFrom, because, state }: Rollout): boolean =>
  downFrom === undefined ? because !== undefined : because === undefined && state !== 'aborted'

/**
 * The version that new sites get: the newest, unless the last roll-out halted at it or takes sites down from it. Then it is the version
 * to which sites go down, that of the last roll-out that finished, or the one below, in this order.
 */
export const currentBlueprint = async (
  { blueprints, rollouts }: CurrentBlueprintPorts,
  latest: Blueprint | undefined,
): Promise<Blueprint | undefined> => {
  if (latest === undefined) return undefined
  const rollout = await rollouts.read(latest.name)
  if (rollout === undefined || latest.version > (rollout.downFrom ?? rollout.to) || !holdsBack(rollout)) {
    return latest
  }
  const wanted = rollout.downFrom === undefined ? (lastFinished(rollout) ?? rollout.to - 1) : rollout.to
  return (await blueprints.versions(latest.name)).findLast(({ version }) => version <= wanted) ?? latest
}
