import { readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseDocument } from 'yaml'
import { readBlueprint, readBlueprintFile, versionIn } from '../../adapters/files/blueprint-files.ts'
import { type Blueprint, parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { byContainer, type Extension, resolveExtension } from '../../core/blueprint/extension.ts'
import { differencesOf } from '../../web/operator/setting-facts.ts'
import { operatorToken } from '../command-line/operator-token.ts'
import { callHost } from '../command-line/operators-call.ts'
import { messageOf } from '../command-line/read-options.ts'
import { BadInput } from './bad-input.ts'

/** Begins a file that extends the blueprint in another one. */
export const writeExtension = async (base: string, name: string | undefined): Promise<string> => {
  const { name: of, version, title, containers } = await readBlueprint(base)
  const [first] = containers
  return `# Maps merge by key, containers by name, other lists are replaced, and null removes.
name: ${name ?? `${of}-custom`.slice(0, 31)}
version: 1
extends:
  name: ${of}
  version: ${version}
title: ${JSON.stringify(title)}
# The plans that it is for; all by default.
# plans: [enterprise]
containers:
  # There are: ${containers.map((container) => container.name).join(', ')}.
  ${first?.name}:
    environment: {}
    # image: registry.example.com/custom@sha256:…
    # command: [custom, serve]
`
}

type Reference = Extension['extends']

/** Finds a published version at a host. @throws {BadInput} if it has none, or does not answer. */
export const versionAt =
  (url: string) =>
  async ({ name, version }: Reference): Promise<Blueprint> => {
    const what = `${name} ${version} is in no file beside the extension`
    const ask = async () => {
      const headers = { authorization: `Bearer ${await operatorToken(url)}` }
      return callHost(`/v1/operator/blueprints/${name}/versions/${version}`, url, { headers })
    }
    const { status, json } = await ask().catch((error: unknown) => {
      throw new BadInput(`${what}, and cannot be read from the host: ${messageOf(error)}`)
    })
    if (status === 200) return parseBlueprint(json, `${name} ${version} at ${url}`)
    const why = status === 404 ? ': it was never published there' : ''
    throw new BadInput(`${what}, and ${url} answers ${status} for it${why}.`)
  }

/** The settings that an extension has; a list is one setting, because it is replaced as a whole. */
const settingsOf = (value: unknown, path = ''): readonly string[] =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? [path]
    : Object.entries(value).flatMap(([name, inner]) => settingsOf(inner, path === '' ? name : `${path}.${name}`))

const isWithin = (path: string, other: string): boolean => `${path}.`.startsWith(`${other}.`)

const differences = (before: Blueprint, after: Blueprint) =>
  differencesOf(byContainer(before), byContainer(after)).filter(
    ({ path }) => path !== 'name' && !isWithin(path, 'extends'),
  )

/** Where an extension changes what its base changed too, and would not get the base's new value. */
const conflictsOf = (extension: Extension, base: Blueprint, next: Blueprint, resolved: Blueprint) => {
  const settings = settingsOf(byContainer(extension))
  const kept = new Map(differences(next, resolved).map(({ path, after }) => [path, after]))
  return differences(base, next)
    .filter(({ path }) => kept.has(path) && settings.some((own) => isWithin(path, own) || isWithin(own, path)))
    .map((row) => ({ ...row, own: kept.get(row.path) }))
}

const writeRebased = async (file: string, onto: number): Promise<void> => {
  const document = parseDocument(await readFile(file, 'utf8'))
  document.setIn(['extends', 'version'], onto)
  const text = file.endsWith('.json')
    ? `${JSON.stringify(document.toJS(), undefined, 2)}\n`
    : document.toString({ lineWidth: 0 })
  await writeFile(file, text)
}

interface RebaseOptions {
  /** The version of the base that the extension should have. */
  readonly onto: number
  /** The host that has versions of which no file is beside the extension. */
  readonly url: string
  readonly write: boolean
  readonly print: (line: string) => void
}

/**
 * Prints what changes in a resolved extension with another version of its base, and where both changed the same.
 * @returns whether there are no conflicts.
 * @throws {BadInput} if the file extends nothing, or a version is not found.
 */
export const rebase = async (file: string, { onto, url, write, print }: RebaseOptions): Promise<boolean> => {
  const read = await readBlueprintFile(file).catch((error: unknown) => {
    throw new BadInput(messageOf(error))
  })
  if (!('extension' in read)) throw new BadInput(`${file} extends no blueprint.`)
  const { extension } = read
  const { name, version } = extension.extends
  const find = async (wanted: Reference) => (await versionIn(dirname(file), wanted)) ?? (await versionAt(url)(wanted))
  const [base, next] = [await find({ name, version }), await find({ name, version: onto })]
  const rebased = resolveExtension({ ...extension, extends: { name, version: onto } }, next, file)
  const rows = differences(resolveExtension(extension, base, file), rebased)
  const conflicts = conflictsOf(extension, base, next, rebased)
  const change = ({ path, before = '–', after = '–' }: (typeof rows)[number]) => `  ${path}: ${before} → ${after}`
  print(
    rows.length === 0
      ? `On ${name} ${onto}, nothing changes in ${extension.name}.`
      : `On ${name} ${onto} instead of ${version}, this changes in ${extension.name}:`,
  )
  for (const row of rows) print(change(row))
  if (conflicts.length > 0) print(`Conflicts: ${name} changed these too, and ${extension.name} keeps its own.`)
  for (const { own = '–', ...row } of conflicts) print(`${change(row)}, and here ${own}`)
  if (write) await writeRebased(file, onto)
  print(
    write ? `Written: ${file}. Raise its \`version\` before you publish it.` : 'Nothing is written without --write.',
  )
  return conflicts.length === 0
}
