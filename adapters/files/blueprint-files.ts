import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type Blueprint, parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { type Extension, isExtension, parseExtension, resolveExtension } from '../../core/blueprint/extension.ts'
import { SitewrightError } from '../../core/errors.ts'

interface ExtensionFile {
  readonly file: string
  readonly extension: Extension
}

export interface BlueprintFiles {
  /** Also the extensions of versions that are in a file beside them. */
  readonly blueprints: readonly Blueprint[]
  readonly extensions: readonly ExtensionFile[]
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

/** Reads a file of its own. @throws {SitewrightError} `BlueprintInvalid` where it cannot be read, or is neither. */
export const readBlueprintFile = async (
  file: string,
): Promise<{ readonly blueprint: Blueprint } | { readonly extension: Extension }> => {
  const content = await readContent(file)
  return isExtension(content)
    ? { extension: parseExtension(content, file) }
    : { blueprint: parseBlueprint(content, file) }
}

/** Finds a version in the files of a directory. */
export const versionIn = async (directory: string, { name, version }: Extension['extends']) =>
  (await readUsableFiles(directory, [])).blueprints.find((one) => one.name === name && one.version === version)

/**
 * Reads a file, and resolves an extension.
 * @param elsewhere finds a version that is in no file beside it.
 * @throws {SitewrightError} `BlueprintInvalid` where it cannot be read, or is no blueprint.
 */
export const readBlueprint = async (
  file: string,
  elsewhere?: (base: Extension['extends']) => Promise<Blueprint | undefined>,
): Promise<Blueprint> => {
  const read = await readBlueprintFile(file)
  if ('blueprint' in read) return read.blueprint
  const { name, version } = read.extension.extends
  const base = (await versionIn(dirname(file), { name, version })) ?? (await elsewhere?.({ name, version }))
  if (base === undefined) throw invalid(`${file} extends ${name} ${version}, and no file beside it has that version`)
  return resolveExtension(read.extension, base, file)
}

/** Resolves the extensions whose base is among the blueprints, or becomes one. */
const resolveBeside = (
  plain: readonly Blueprint[],
  extensions: readonly ExtensionFile[],
  onProblem: (error: unknown, name: string) => void,
): readonly Blueprint[] => {
  const found = [...plain]
  const baseOf = ({ extension: { extends: base } }: ExtensionFile) =>
    found.find(({ name, version }) => name === base.name && version === base.version)
  for (let left = extensions; ; ) {
    const next = left.filter((one) => baseOf(one) !== undefined)
    if (next.length === 0) return found
    for (const one of next) {
      const base = baseOf(one)
      try {
        if (base !== undefined) found.push(resolveExtension(one.extension, base, one.file))
      } catch (error) {
        onProblem(error, one.extension.name)
      }
    }
    left = left.filter((one) => !next.includes(one))
  }
}

/** Whether a file is there for another reason: a product's own directory has `package.json` and `compose.yaml` beside its blueprint. */
const isSomethingElse = (content: unknown): boolean =>
  typeof content !== 'object' || content === null || !('containers' in content || 'traffic' in content)

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
 * Reads the blueprints of a directory, and lists the mistakes: files that are wrong, then those of `required` that no file has. Files
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
  const plain: Blueprint[] = []
  const extensions: ExtensionFile[] = []
  const problems: SitewrightError[] = []
  const wrong = new Set<string>()
  const note = (error: unknown, name: string): void => {
    if (!(error instanceof SitewrightError)) throw error
    problems.push(error)
    wrong.add(name)
  }
  for (const name of files) {
    try {
      const file = join(directory, name)
      const content = await readContent(file)
      if (isExtension(content)) extensions.push({ file, extension: parseExtension(content, file) })
      // A file that is named as a blueprint on offer is one, with mistakes.
      else if (required.includes(basename(name, extname(name))) || !isSomethingElse(content))
        plain.push(parseBlueprint(content, file))
    } catch (error) {
      note(error, basename(name, extname(name)))
    }
  }
  const blueprints = resolveBeside(plain, extensions, note)
  for (const name of required) {
    if (wrong.has(name) || blueprints.some((blueprint) => blueprint.name === name)) continue
    const base = extensions.find(({ extension }) => extension.name === name)?.extension.extends
    const lacks = base === undefined ? 'it' : `${base.name} ${base.version}, which it extends`
    const message = `blueprint '${name}' is offered in sitewright.config.ts, but no file in ${directory} has ${lacks}`
    problems.push(new SitewrightError('BlueprintUnknown', message))
  }
  return { blueprints, extensions, problems, resolvePath: (_blueprint, path) => resolve(directory, path) }
}
