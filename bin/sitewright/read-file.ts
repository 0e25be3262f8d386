import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import {
  blueprintOfFile,
  type SiteFile,
  siteFileJsonSchema,
  siteFileName,
  siteFileSchema,
} from '../../core/blueprint/site-file.ts'
import { type FieldProblem, isErrorOfKind } from '../../core/errors.ts'
import { requirePublishable } from '../../lambdas/blueprints/require-publishable.ts'
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

/** @throws {Failure} with all mistakes of the file. */
export const readSiteFile = async (name: string = siteFileName): Promise<ReadFile> => {
  const text = await readFile(name, 'utf8').catch(() => {
    throw new Failure('mistake', `There is no ${name} here. Write one with: sitewright init`)
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
  const content: unknown = document.toJS()
  const parsed = siteFileSchema.safeParse(content)
  if (!parsed.success || typeof content !== 'object' || content === null) {
    return refuse((parsed.error?.issues ?? []).flatMap((issue) => problemsIn(issue, source)))
  }
  const locate: ReadFile['locate'] = (fields) => problemsAt(fields, source)
  const refused = locate(refusedAtPublication(parsed.data))
  if (refused.length > 0) refuse(refused)
  return { name, file: parsed.data, content, locate }
}
