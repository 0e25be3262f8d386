import { readFile } from 'node:fs/promises'
import { type Document, LineCounter, parseDocument, visit } from 'yaml'
import {
  blueprintOfFile,
  type SiteFile,
  siteFileJsonSchema,
  siteFileName,
  siteFileSchema,
} from '../../core/blueprint/site-file.ts'
import { type FieldProblem, isErrorOfKind } from '../../core/errors.ts'
import { requirePublishable } from '../../lambdas/blueprints/require-publishable.ts'
import { messageOf } from '../command-line/read-options.ts'
import { Failure, type FileProblem } from './failure.ts'
import { problemsAt, problemsIn } from './file-problems.ts'

export interface ReadFile {
  readonly name: string
  readonly file: SiteFile
  /** As it is written, for the server. */
  readonly content: object
  /** Finds the lines of problems that somebody else found. */
  readonly locate: (fields: readonly Pick<FieldProblem, 'path' | 'message'>[]) => readonly FileProblem[]
}

/** What publication would refuse. Which features and sizes there are, the plan says: the server checks that. */
const refusedAtPublication = (file: SiteFile): readonly FieldProblem[] => {
  const { needs: _, ...blueprint } = blueprintOfFile(file, { version: 1 })
  const features = [...JSON.stringify(blueprint).matchAll(/\$\{feature\.([\w-]+)\}/g)].map(([, name = '']) => name)
  try {
    requirePublishable({ ...blueprint, features: [...blueprint.features, ...features] }, [])
    return []
  } catch (error) {
    if (isErrorOfKind(error, 'BlueprintInvalid')) return error.fields
    throw error
  }
}

const count = (problems: readonly unknown[]): string =>
  problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`

/** Why the aliases of a file cannot be followed: some have no anchor, or they are so many that a small file becomes a large one. */
const aliasProblems = (document: Document, lines: LineCounter, error: unknown): readonly FileProblem[] => {
  const found: FileProblem[] = []
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return
      const line = lines.linePos(alias.range?.[0] ?? 0).line
      found.push({
        path: '',
        line,
        message: `is not valid YAML: no anchor &${alias.source} is before *${alias.source}`,
      })
    },
  })
  return found.length > 0 ? found : [{ path: '', line: 1, message: `is not valid YAML: ${messageOf(error)}` }]
}

/** @throws {Failure} with all mistakes of the file. */
export const readSiteFile = async (name: string = siteFileName): Promise<ReadFile> => {
  const text = await readFile(name, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const isMissing = error.code === 'ENOENT'
    const missing = `There is no ${name} here. Write one with: sitewright init`
    throw new Failure('mistake', isMissing ? missing : `${name} cannot be read: ${error.message}`)
  })
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const source = { document, lines, schema: siteFileJsonSchema() }
  const refuse = (problems: readonly FileProblem[]): never => {
    throw new Failure('mistake', `${name} has ${count(problems)}:`, problems)
  }
  if (document.errors.length > 0) {
    refuse(
      document.errors.map(({ message, pos: [at] }) => ({
        path: '',
        line: lines.linePos(at).line,
        message: `is not valid YAML: ${message.split('\n', 1)[0]}`,
      })),
    )
  }
  let content: unknown
  try {
    content = document.toJS()
  } catch (error) {
    return refuse(aliasProblems(document, lines, error))
  }
  const parsed = siteFileSchema.safeParse(content)
  if (!parsed.success || typeof content !== 'object' || content === null) {
    return refuse((parsed.error?.issues ?? []).flatMap((issue) => problemsIn(issue, source)))
  }
  const locate: ReadFile['locate'] = (fields) => problemsAt(fields, source)
  const refused = locate(refusedAtPublication(parsed.data))
  if (refused.length > 0) refuse(refused)
  return { name, file: parsed.data, content, locate }
}

/** What a site does by default so that an attack reaches little, and the file gives up. */
const relaxationsOf = ({ containers, data, outbound, access, publicPages, environments = {} }: SiteFile) => {
  const relaxed: (FieldProblem & { readonly hardening: 'root' | 'outbound' | 'public' })[] = []
  for (const [index, { name, capabilities }] of containers.entries()) {
    if (capabilities === undefined) continue
    const message = `'${name}' starts as root, with ${capabilities.join(', ')}. Prefer an image that starts as another user.`
    relaxed.push({ hardening: 'root', path: `containers.${index}.capabilities`, message })
  }
  if (data.owner !== undefined) {
    const message = 'its containers run as a user that other sites may have too. Prefer an image that runs as any user.'
    relaxed.push({ hardening: 'root', path: 'data.owner', message })
  }
  const ways = [
    ['outbound', outbound] as const,
    ...Object.entries(environments).map(([name, one]) => [`environments.${name}.outbound`, one.outbound] as const),
  ]
  for (const [path, way] of ways) {
    if (way !== 'internet') continue
    const message = 'its programs can reach the internet, and so can whoever breaks into one of them.'
    relaxed.push({ hardening: 'outbound', path, message })
  }
  if (access === 'public') {
    const message = 'everybody gets in. With `owner`, the default, nobody but its owner does.'
    relaxed.push({ hardening: 'public', path: 'access', message })
  }
  if (publicPages !== undefined) {
    const message = `everybody may use ${publicPages.join(', ')}, also if they look like a set-up page.`
    relaxed.push({ hardening: 'public', path: 'publicPages', message })
  }
  return relaxed
}

interface Checked {
  readonly name: string
  readonly relaxed: readonly (FileProblem & { readonly hardening: string })[]
  /** What depends on the platform. */
  readonly notes: readonly string[]
}

/** @throws {Failure} with all mistakes of the file. */
export const checkFile = async (path: string | undefined): Promise<Checked> => {
  const { name, file, locate } = await readSiteFile(path)
  const { anonymise, containers } = file
  const hasProcess = containers.some(({ process }) => process !== undefined)
  return {
    name,
    relaxed: relaxationsOf(file).flatMap(({ hardening, ...field }) =>
      locate([field]).map((one) => ({ hardening, ...one })),
    ),
    notes:
      anonymise && hasProcess
        ? ['On a host that runs plain processes, the command of `anonymise` can reach the network.']
        : [],
  }
}

export const checkedText = ({ name, relaxed, notes }: Checked): string =>
  [
    `${name} is valid.`,
    ...(relaxed.length === 0
      ? ['It relaxes no hardening: no root, no way out to the internet, closed to strangers.']
      : []),
    ...relaxed.map(
      ({ hardening, line, path, message }) => `${name}:${line}: ${path} relaxes '${hardening}': ${message}`,
    ),
    ...notes,
  ].join('\n')
