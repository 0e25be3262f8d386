import { parseEnv } from 'node:util'

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

/** The variables of an `.env` file, in its order. Those without `=` come from the environment. Single quotes keep `$`. */
export const readEnv = (text: string, lookup: Lookup, isRaw = false): Readonly<Record<string, string | null>> => {
  if (isRaw) {
    const lines = text.split(/\r?\n/).filter((line) => /^[^#=\s][^=]*=/.test(line))
    return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0]?.trim(), line.slice(line.indexOf('=') + 1)]))
  }
  const bare = [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*\r?$/gm)].map(([, name = '']) => name)
  const kept = text.replace(
    /^(\s*(?:export\s+)?[\w.-]+\s*=)([^\S\r\n]*)('[^']*'|"(?:[^"\\]|\\.)*"|`[^`]*`|.*)/gm,
    (all, head: string, space: string, value: string) => {
      if (/^'.*'$/s.test(value)) return head + value.replaceAll('$', '$$$$')
      const bare = value.replace(/\s#.*$/, '').trim()
      // `parseEnv` begins a comment at each `#`, and Compose only after a space.
      const quote = bare.includes('#') && ["'", '`', '"'].find((one) => !bare.includes(one))
      return !quote || /^["'`]/.test(bare) || (bare.startsWith('#') && space !== '') ? all : head + quote + bare + quote
    },
  )
  const variables: Record<string, string | null> = Object.fromEntries(bare.map((name) => [name, null]))
  // `parseEnv` sorts them by name, and each may use those above it.
  const values = parseEnv(kept)
  const order = [...kept.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=/gm)].map(([, name = '']) => name)
  for (const name of [...order, ...Object.keys(values)]) {
    const value = values[name]
    if (value !== undefined)
      variables[name] ??= interpolate(value, (other) => lookup(other) ?? variables[other] ?? undefined)
  }
  return variables
}
