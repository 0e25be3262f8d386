import { readdir, readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import { parseBlueprint } from '../core/blueprint/blueprint.ts'
import { SitewrightError } from '../core/errors.ts'
import { StartUpError } from './home/start-up-error.ts'

export interface BlueprintFiles {
  readonly blueprints: readonly Blueprint[]
  /** Paths in a blueprint are relative to its file. */
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
}

const readBlueprint = async (file: string): Promise<Blueprint> => {
  try {
    return parseBlueprint(parse(await readFile(file, 'utf8')), file)
  } catch (error) {
    if (error instanceof SitewrightError) throw new StartUpError(error.message)
    if (error instanceof YAMLParseError) throw new StartUpError(`${file} is not valid YAML: ${error.message}`)
    throw error
  }
}

/**
 * Reads every blueprint of a directory.
 * @throws {StartUpError} where one of them is wrong, or one of `required` is missing.
 */
export const readBlueprintFiles = async (directory: string, required: readonly string[]): Promise<BlueprintFiles> => {
  const names = await readdir(directory).catch(() => {
    throw new StartUpError(`the directory of blueprints, ${directory}, cannot be read`)
  })
  const files = names.filter((name) => ['.yaml', '.yml', '.json'].includes(extname(name))).toSorted()
  const blueprints = await Promise.all(files.map((name) => readBlueprint(join(directory, name))))
  for (const name of required) {
    if (!blueprints.some((blueprint) => blueprint.name === name)) {
      throw new StartUpError(
        `blueprint '${name}' is offered in sitewright.config.ts, but no file in ${directory} has it`,
      )
    }
  }
  return { blueprints, resolvePath: (_blueprint, path) => resolve(directory, path) }
}
