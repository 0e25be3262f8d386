import { type Document, isMap, isNode, type LineCounter } from 'yaml'
import * as z from 'zod'
import { issueMessage } from '../../core/blueprint/blueprint.ts'
import type { FieldProblem } from '../../core/errors.ts'
import type { FileProblem } from './failure.ts'

type Path = readonly PropertyKey[]

/** How many letters differ: inserted, left out or replaced. Source: Levenshtein. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (const [column, wanted] of [...other].entries()) {
      const [replaced = 0, inserted = 0, left = 0] = [row[column], row[column + 1], next[column]]
      next.push(Math.min(replaced + (letter === wanted ? 0 : 1), inserted + 1, left + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The name that was meant; undefined if none is like it. */
const nearestOf = (text: unknown, allowed: readonly string[]): string | undefined => {
  if (typeof text !== 'string') return undefined
  const far = Math.max(2, Math.floor(text.length / 3))
  const ranked = allowed.map((name) => ({ name, far: distance(text.toLowerCase(), name.toLowerCase()) }))
  return ranked.filter((one) => one.far <= far && one.far < text.length).toSorted((a, b) => a.far - b.far)[0]?.name
}

const schemaSchema = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
})

/** The names of the fields that may be at a path, by the JSON Schema. */
const fieldsAt = (schema: unknown, [key, ...rest]: Path): readonly string[] => {
  const { properties = {}, items, additionalProperties } = schemaSchema.catch({}).parse(schema)
  if (key === undefined) return Object.keys(properties)
  return fieldsAt(typeof key === 'number' ? items : (properties[String(key)] ?? additionalProperties), rest)
}

interface Source {
  readonly document: Document
  readonly lines: LineCounter
  readonly schema: object
}

const articles: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  record: 'a map of names',
}

/** The line of a path, or of what is nearest above it. A key is where its value begins to be wrong. */
const lineOf = ({ document, lines }: Source, path: Path): number => {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(key)) : undefined
    const node = pair?.key ?? document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

const problem = (
  source: Source,
  path: Path,
  message: string,
  allowed?: readonly string[],
  given?: unknown,
): FileProblem => {
  const nearest = allowed && nearestOf(given, allowed)
  return {
    path: path.join('.'),
    line: lineOf(source, path),
    message,
    ...(allowed && { allowed }),
    ...(nearest && { nearest }),
  }
}

const paramsSchema = z.object({ params: z.object({ given: z.string(), allowed: z.array(z.string()) }) })

/** What is wrong in a file, where, what is allowed, and which name was meant. */
export const problemsIn = (issue: z.core.$ZodIssue, source: Source): readonly FileProblem[] => {
  const { path } = issue
  const value = path.length === 0 ? source.document.toJS() : source.document.getIn(path)
  switch (issue.code) {
    case 'unrecognized_keys': {
      const fields = fieldsAt(source.schema, path)
      return issue.keys.map((key) => problem(source, [...path, key], 'is not a field here', fields, key))
    }
    case 'invalid_value':
      return [problem(source, path, `cannot be ${JSON.stringify(value)}`, issue.values.map(String), value)]
    case 'invalid_type': {
      const wanted = articles[issue.expected] ?? issue.expected
      return [problem(source, path, value === undefined ? `is missing: it is ${wanted}` : `must be ${wanted}`)]
    }
    default: {
      const { data } = paramsSchema.safeParse(issue)
      return [problem(source, path, issueMessage(issue), data?.params.allowed, data?.params.given)]
    }
  }
}

/** Those that a rule found, or the server. Indices in their paths are numbers. */
export const problemsAt = (
  fields: readonly Pick<FieldProblem, 'path' | 'message'>[],
  source: Source,
): readonly FileProblem[] =>
  fields.map(({ path, message }) =>
    problem(
      source,
      path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
      message,
    ),
  )

/** As compilers write it, so that editors find the place. */
export const problemText = (file: string, { path, line, message, allowed, nearest }: FileProblem): string =>
  [
    `${file}:${line}: ${path === '' ? 'the file' : path} ${message}.`,
    ...(nearest ? [`Did you mean '${nearest}'?`] : []),
    ...(allowed ? [`Allowed: ${allowed.join(', ')}.`] : []),
  ].join(' ')
