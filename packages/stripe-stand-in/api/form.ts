import { invalidRequest } from '../fault.ts'

/** A body or query of Stripe's form: text, or lists and groups of it, as deep as the names say. */
export type Form = { [name: string]: FormValue }
export type FormValue = string | FormValue[] | Form

const isGroup = (value: FormValue | undefined): value is Form => typeof value === 'object' && !Array.isArray(value)

/** `a[b][0][]` is `['a', 'b', '0', '']`. */
const pathOf = (name: string): readonly string[] => {
  const parts = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name)
  if (parts?.[1] === undefined) throw invalidRequest(`Invalid request: the parameter ${name} is malformed.`)
  const path = [parts[1], ...[...(parts[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map((match) => match[1] ?? '')]
  if (path.length > 10 || path.includes('__proto__'))
    throw invalidRequest(`Invalid request: ${name} is not understood.`)
  return path
}

const place = (into: Form, [first = '', ...rest]: readonly string[], value: string): void => {
  const name = first === '' ? String(Object.keys(into).length) : first
  if (rest.length === 0) {
    into[name] = value
    return
  }
  const found = Object.hasOwn(into, name) ? into[name] : undefined
  const group = isGroup(found) ? found : {}
  into[name] = group
  place(group, rest, value)
}

/** Groups whose names are 0, 1, 2 … are lists. */
const withLists = (value: FormValue): FormValue => {
  if (!isGroup(value)) return value
  const names = Object.keys(value)
  const entries = Object.entries(value).map(([name, inner]): [string, FormValue] => [name, withLists(inner)])
  const isList = names.length > 0 && names.every((name) => /^\d{1,4}$/.test(name))
  return isList
    ? entries.toSorted(([one], [other]) => Number(one) - Number(other)).map(([, inner]) => inner)
    : Object.fromEntries(entries)
}

/** Reads a form or a query as the official clients write it. @throws {StripeFault} if a name is malformed. */
export const readForm = (text: string): Form => {
  const form: Form = {}
  for (const [name, value] of new URLSearchParams(text)) place(form, pathOf(name), value)
  return Object.fromEntries(Object.entries(form).map(([name, value]) => [name, withLists(value)]))
}
