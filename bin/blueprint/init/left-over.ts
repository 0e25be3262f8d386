import { type Fields, isFields } from './compose-file.ts'
import { those } from './draft.ts'
import { isBareSecret, looksSecret } from './secrets.ts'
import { rewriteVariables } from './variables.ts'

/** Which parts of a value are taken: all of it, those that pass, or parts of each field. `*` is any other field. */
export type Taken = true | ((value: unknown) => boolean) | { readonly [field: string]: Taken }

/** Returns the rest that is not taken, or undefined. A short form is taken as the long one is. */
const leftOf = (value: unknown, taken: Taken | undefined): unknown => {
  if (value === undefined || value === null || taken === true) return undefined
  if (taken === undefined) return value
  if (typeof taken === 'function') return taken(value) ? undefined : value
  if (Array.isArray(value)) {
    const items = value.map((item) => leftOf(item, taken)).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  if (!isFields(value)) return undefined
  const fields = Object.entries(value).flatMap(([name, field]) => {
    const left = leftOf(field, taken[name] ?? taken['*'])
    return left === undefined ? [] : [[name, left] as const]
  })
  return fields.length === 0 ? undefined : Object.fromEntries(fields)
}

/** A value without the secrets that are written in it, also as `NAME=value`. */
const withoutSecrets = (value: unknown, name: string): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, name))
  if (isFields(value))
    return Object.fromEntries(Object.entries(value).map(([field, part]) => [field, withoutSecrets(part, field)]))
  if (typeof value !== 'string') return value
  const [, head = '', own = name, text = value] = /^(([\w.-]+)=)(.*)$/s.exec(value) ?? []
  return isBareSecret(own, text) ? `${head}…` : value
}

/** A value in one line, with variables that look secret by their names alone, and those without a value as they stand there. */
export const shown = (field: string, given: unknown): string => {
  const value = withoutSecrets(given, field)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const filled = rewriteVariables(text, (name, known, expression) =>
    known === undefined ? expression : looksSecret(name, known) ? `\${${name}}` : known,
  )
  return `\`${field}: ${filled.replaceAll(/\s*\n\s*/g, ' ')}\``
}

/** What the draft leaves out: a note for what a site does its own way, and a question for everything else. */
export const leftLines = (fields: Fields, parts: Taken, noted: ReadonlySet<string>) => {
  const left = leftOf(fields, parts)
  const entries = Object.entries(isFields(left) ? left : {}).map(([field, value]) => ({
    isNote: noted.has(field) || field.startsWith('x-'),
    text: shown(field, value),
  }))
  return {
    notes: entries.flatMap(({ isNote, text }) => those(isNote && text)),
    questions: entries.flatMap(({ isNote, text }) =>
      those(!isNote && `A blueprint has no ${text}: does it work without?`),
    ),
  }
}
