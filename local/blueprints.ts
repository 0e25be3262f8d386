import type { BlueprintFiles } from '../adapters/files/blueprint-files.ts'
import { readBlueprintFiles } from '../adapters/files/blueprint-files.ts'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import { requirePublishable } from '../core/blueprint/require-publishable.ts'
import { isErrorOfKind, SitewrightError } from '../core/errors.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { BlueprintStore } from '../core/ports/stores.ts'
import { StartUpError } from './home/start-up-error.ts'

/**
 * Reads every blueprint of a directory.
 * @throws {StartUpError} if one of them is invalid, or one of `required` is missing.
 */
export const readBlueprints = async (directory: string, required: readonly string[]): Promise<BlueprintFiles> => {
  try {
    return await readBlueprintFiles(directory, required)
  } catch (error) {
    throw error instanceof SitewrightError ? new StartUpError(error.message) : error
  }
}

/**
 * Publishes every blueprint of this installation.
 * @throws {StartUpError} if a published version now has other content, or a new one cannot be published.
 */
export const publishBlueprints = async (
  blueprints: readonly Blueprint[],
  store: Pick<BlueprintStore, 'get' | 'publish'>,
  plans: readonly Plan[],
): Promise<void> => {
  for (const blueprint of blueprints) {
    try {
      if ((await store.get(blueprint.name, blueprint.version)) === undefined) requirePublishable(blueprint, plans)
      await store.publish(blueprint)
    } catch (error) {
      if (isErrorOfKind(error, 'BlueprintInvalid')) throw new StartUpError(error.message.replace(/\.$/, ''))
      throw error
    }
  }
}
