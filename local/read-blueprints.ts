import type { BlueprintFiles } from '../adapters/files/blueprint-files.ts'
import { readBlueprintFiles } from '../adapters/files/blueprint-files.ts'
import { SitewrightError } from '../core/errors.ts'
import { StartUpError } from './home/start-up-error.ts'

/**
 * Reads every blueprint of a directory.
 * @throws {StartUpError} where one of them is wrong, or one of `required` is missing.
 */
export const readBlueprints = async (directory: string, required: readonly string[]): Promise<BlueprintFiles> => {
  try {
    return await readBlueprintFiles(directory, required)
  } catch (error) {
    throw error instanceof SitewrightError ? new StartUpError(error.message) : error
  }
}
