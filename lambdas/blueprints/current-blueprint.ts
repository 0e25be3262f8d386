import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { Rollout, RolloutStore } from '../releases/rollout.ts'
import type { BlueprintReader } from './ports.ts'

export interface CurrentBlueprintPorts {
  readonly blueprints: Pick<BlueprintReader, 'versions'>
  readonly rollouts: Pick<RolloutStore, 'read'>
}

/** Whether a roll-out to a version halted, or took sites down from it. */
export const isHeldBack = (version: number, rollout: Rollout | undefined): boolean =>
  rollout?.heldBack?.includes(version) === true

/** The newest of the versions, the oldest first, that roll-outs do not hold back. */
export const notHeldBack = (versions: readonly Blueprint[], rollout: Rollout | undefined): Blueprint | undefined =>
  versions.findLast(({ version }) => !isHeldBack(version, rollout))

/** The version that new sites get: the newest that roll-outs do not hold back. If there is none, the newest. */
export const currentBlueprint = async (
  { blueprints, rollouts }: CurrentBlueprintPorts,
  latest: Blueprint | undefined,
): Promise<Blueprint | undefined> => {
  if (latest === undefined) return undefined
  const rollout = await rollouts.read(latest.name)
  if (!isHeldBack(latest.version, rollout)) return latest
  return notHeldBack(await blueprints.versions(latest.name), rollout) ?? latest
}
