import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type Blueprint, parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'

export interface BlueprintFiles {
  readonly blueprints: readonly Blueprint[]
  /** Paths in a blueprint are relative to its file. */
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
}

const invalid = (message: string): SitewrightError => new SitewrightError('BlueprintInvalid', message)

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')

/** Whatever is wrong with the text, the parser throws; where it can, its message names line and column. */
const parseYaml = (text: string, file: string): unknown => {
  try {
    return parse(text)
  } catch (error) {
    throw invalid(`${file} is not valid YAML: ${reasonOf(error).trim()}`)
  }
}

const readContent = async (file: string): Promise<unknown> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw invalid(`the blueprint ${file} cannot be read: ${reasonOf(error)}`)
  })
  return parseYaml(text, file)
}

/** @throws {SitewrightError} `BlueprintInvalid` where it cannot be read, or is no blueprint. */
export const readBlueprint = async (file: string): Promise<Blueprint> => parseBlueprint(await readContent(file), file)

/** Whether a file is there for another reason: a product's own directory has `package.json` and `compose.yaml` beside its blueprint. */
const isSomethingElse = (content: unknown): boolean =>
  typeof content === 'object' && content !== null && !('containers' in content) && !('traffic' in content)

/**
 * Reads every blueprint of a directory.
 * @throws {SitewrightError} `BlueprintInvalid` where one of them is wrong, `BlueprintUnknown` where one of `required` is
 *   missing.
 */
export const readBlueprintFiles = async (directory: string, required: readonly string[]): Promise<BlueprintFiles> => {
  const { problems, ...files } = await readUsableFiles(directory, required)
  if (problems[0] !== undefined) throw problems[0]
  return files
}

/**
 * Reads the blueprints of a directory, and lists the mistakes: files that are wrong, then those of `required` that are missing. Files
 * without `containers` and `traffic` are no blueprints, unless they are named as one on offer.
 * @throws {SitewrightError} `BlueprintInvalid` where the directory cannot be read.
 */
export const readUsableFiles = async (
  directory: string,
  required: readonly string[],
): Promise<BlueprintFiles & { readonly problems: readonly SitewrightError[] }> => {
  const names = await readdir(directory).catch(() => {
    throw invalid(`the directory of blueprints, ${directory}, cannot be read`)
  })
  const files = names.filter((name) => ['.yaml', '.yml', '.json'].includes(extname(name))).toSorted()
  const blueprints: Blueprint[] = []
  const problems: SitewrightError[] = []
  for (const name of files) {
    try {
      const file = join(directory, name)
      const content = await readContent(file)
      // A file that is named as a blueprint on offer is one, with mistakes.
      if (required.includes(basename(name, extname(name))) || !isSomethingElse(content))
        blueprints.push(parseBlueprint(content, file))
    } catch (error) {
      if (!(error instanceof SitewrightError)) throw error
      problems.push(error)
    }
  }
  for (const name of required) {
    if (blueprints.some((blueprint) => blueprint.name === name)) continue
    const message = `blueprint '${name}' is offered in sitewright.config.ts, but no file in ${directory} has it`
    problems.push(new SitewrightError('BlueprintUnknown', message))
  }
  return { blueprints, problems, resolvePath: (_blueprint, path) => resolve(directory, path) }
}
