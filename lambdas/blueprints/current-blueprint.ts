import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { RolloutStore } from '../releases/rollout.ts'
import type { BlueprintReader } from './ports.ts'

export interface CurrentBlueprintPorts {
  readonly blueprints: Pick<BlueprintReader, 'versions'>
  readonly rollouts: Pick<RolloutStore, 'read'>
}

/** The version that new sites get: the newest that roll-outs do not hold back. If there is none, the newest. */
export const currentBlueprint = async (
  { blueprints, rollouts }: CurrentBlueprintPorts,
  latest: Blueprint | undefined,
): Promise<Blueprint | undefined> => {
  if (latest === undefined) return undefined
  const { heldBack = [] } = (await rollouts.read(latest.name)) ?? {}
  if (!heldBack.includes(latest.version)) return latest
  return (await blueprints.versions(latest.name)).findLast(({ version }) => !heldBack.includes(version)) ?? latest
}
