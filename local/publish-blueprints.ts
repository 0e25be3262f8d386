import type { Blueprint } from '../core/blueprint/blueprint.ts'
import { isErrorOfKind } from '../core/errors.ts'
import type { BlueprintStore } from '../core/ports/stores.ts'
import { StartUpError } from './home/start-up-error.ts'

/**
 * Makes every blueprint of this installation known.
 * @throws {StartUpError} where a version that is published has other content now.
 */
export const publishBlueprints = async (
  blueprints: readonly Blueprint[],
  store: Pick<BlueprintStore, 'publish'>,
): Promise<void> => {
  for (const blueprint of blueprints) {
    try {
      await store.publish(blueprint)
    } catch (error) {
      if (isErrorOfKind(error, 'BlueprintInvalid')) throw new StartUpError(error.message.replace(/\.$/, ''))
      throw error
    }
  }
}
