/** Private characters around what a variable became: its name, and then its value, or the whole expression if it has none. */
const [begin, middle, absent, end] = ['\uE000', '\uE001', '\uE002', '\uE003']
const innermost = new RegExp(`${begin}(\\w+)[${middle}${absent}]([^${begin}${end}]*)${end}`)

export type Lookup = (name: string) => string | undefined

/** Replaces the expressions of the compose specification, nested ones too. The result keeps which variable became what. */
export const interpolate = (text: string, lookup: Lookup): string => {
  const expression = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:?[-?+])?)/y
  let at = 0
  const chosen = (name: string, how: string, other: string): string | undefined => {
    const value = lookup(name)
    const isGiven = value !== undefined && !(how.startsWith(':') && value === '')
    if (how.endsWith('+')) return isGiven ? other : undefined
    return isGiven ? value : how.endsWith('-') ? other : undefined
  }
  const readOne = (): string => {
    expression.lastIndex = at
    const [all, bare, braced, how = ''] = expression.exec(text) ?? []
    const from = at
    at += all?.length ?? 1
    const name = bare ?? braced
    if (name === undefined) return all === undefined ? text.slice(from, at) : '$'
    const other = braced === undefined ? '' : read(true)
    if (braced !== undefined) at += 1
    const value = chosen(name, how, other)
    return begin + name + (value === undefined ? absent + text.slice(from, at) : middle + value) + end
  }
  const read = (isInner: boolean): string => {
    let result = ''
    while (at < text.length && !(isInner && text[at] === '}')) result += readOne()
    return result
  }
  return read(false)
}

/** Rewrites each variable, the inner ones first. @param rewrite gets its value, or undefined and its expression. */
export const rewriteVariables = (
  text: string,
  rewrite: (name: string, value: string | undefined, expression: string) => string,
): string => {
  let changed = text
  for (let found = innermost.exec(changed); found !== null; found = innermost.exec(changed)) {
    const [all, name = '', value = ''] = found
    const isAbsent = all[name.length + 1] === absent
    changed = changed.replace(all, () => rewrite(name, isAbsent ? undefined : value, value))
  }
  return changed
}

export const plain = (text: string): string => rewriteVariables(text, (_, value = '') => value)

/** Variables without a value stay as they stand there. */
export const asWritten = (text: string): string => rewriteVariables(text, (_, value, expression) => value ?? expression)

/** The variables in a text, and whether one is all that the text is. */
export const variablesOf = (text: string) => {
  const found: { readonly name: string; readonly value?: string; readonly expression: string }[] = []
  rewriteVariables(text, (name, value, expression) => {
    found.push({ name, expression, ...(value === undefined ? {} : { value }) })
    return value ?? ''
  })
  let depth = 0
  const outside = [...text].filter((letter) => {
    depth += letter === begin ? 1 : letter === end ? -1 : 0
    return depth === 0 && letter !== end
  })
  return { found, isWhole: found.length > 0 && outside.length === 0 && text.lastIndexOf(begin) < text.indexOf(end) }
}

const envLine =
  /^[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)[^\S\n]*(?:=([^\S\n]*'(?:\\'|[^'])*'|[^\S\n]*"(?:[^"\\]|\\.)*"|[^\S\n]*`[^`]*`|.*)|$)/gm

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** What stands in double quotes of an `.env` file. */
export const unescaped = (text: string, dollar = '$'): string =>
  text.replaceAll(/\\(["\\$nrt])/g, (_, one: string) => (one === '$' ? dollar : (escapes[one] ?? one)))

/** A value without its quotes, or without its comment, which begins after a space. Dollar signs of single quotes are escaped. */
const unquoted = (text: string): string => {
  const [, quote, inner = ''] = /^\s*(['"`])(.*)\1$/s.exec(text) ?? []
  if (quote === undefined) return text.replace(/\s#.*$/, '').trim()
  if (quote === "'") return inner.replaceAll("\\'", "'").replaceAll('$', '$$$$')
  return quote === '"' ? unescaped(inner, '$$') : inner
}

/** The variables of an `.env` file: each may use those above it. Those without `=` come from the environment. */
export const readEnv = (text: string, lookup: Lookup, isRaw = false): Readonly<Record<string, string | null>> => {
  const variables: Record<string, string | null> = {}
  const pattern = isRaw ? /^([^#=\s][^=\n]*)=(.*)/gm : envLine
  for (const [, name = '', value] of text.replaceAll('\r\n', '\n').matchAll(pattern)) {
    const read = (given: string) =>
      interpolate(unquoted(given), (other) => lookup(other) ?? variables[other] ?? undefined)
    variables[name.trim()] = value === undefined || isRaw ? (value ?? null) : read(value)
  }
  return variables
}
