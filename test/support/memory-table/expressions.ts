/**
 * The part of DynamoDB's expression language that Sitewright uses. What it does not know it refuses, so that no condition
 * is ever taken for one that holds.
 */

/** An attribute as it goes over the wire, such as `{S: 'a'}`. */
export type Value = Readonly<Record<string, unknown>>
export type Item = Readonly<Record<string, Value>>

export interface Names {
  readonly names?: Readonly<Record<string, string>> | undefined
  readonly values?: Readonly<Record<string, Value>> | undefined
}

type Path = readonly string[]
type Operand =
  | { readonly path: Path }
  | { readonly value: string }
  | { readonly ifNotExists: Path; readonly otherwise: Operand }
type Condition =
  | { readonly op: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly op: 'not'; readonly condition: Condition }
  | { readonly op: 'exists' | 'missing'; readonly path: Path }
  | { readonly op: 'begins_with'; readonly path: Path; readonly prefix: Operand }
  | { readonly op: 'contains'; readonly path: Path; readonly part: Operand }
  | { readonly op: 'in'; readonly operand: Operand; readonly among: readonly Operand[] }
  | { readonly op: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='; readonly left: Operand; readonly right: Operand }

const tokenPattern = /\s*(<>|<=|>=|[()=<>,+-]|[#:]?[A-Za-z_][\w-]*(?:\.[#]?[A-Za-z_][\w-]*)*)/y

const tokensOf = (text: string): string[] => {
  const tokens: string[] = []
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < text.trimEnd().length) {
    const at = tokenPattern.lastIndex
    const match = tokenPattern.exec(text)
    if (match?.[1] === undefined) throw new Error(`the memory table cannot read '${text.slice(at)}' of '${text}'`)
    tokens.push(match[1])
  }
  return tokens
}

/** In bytes. Source: DynamoDB's constraints, "Expression parameters". */
const longestExpression = 4096

class Reader {
  private at = 0
  private readonly tokens: readonly string[]
  private readonly text: string
  constructor(text: string) {
    this.text = text
    if (text.length > longestExpression) throw new Error(`DynamoDB takes no expression of ${text.length} bytes`)
    this.tokens = tokensOf(text)
  }
  peek(): string | undefined {
    return this.tokens[this.at]
  }
  next(): string {
    const token = this.tokens[this.at]
    if (token === undefined) throw new Error(`the memory table misses the end of '${this.text}'`)
    this.at += 1
    return token
  }
  take(token: string): boolean {
    if (this.peek()?.toUpperCase() !== token.toUpperCase()) return false
    this.at += 1
    return true
  }
  expect(token: string): void {
    if (!this.take(token))
      throw new Error(`the memory table expects '${token}' in '${this.text}', not '${this.peek()}'`)
  }
  path(): Path {
    return this.next().split('.')
  }
  operand(): Operand {
    if (this.take('if_not_exists')) {
      this.expect('(')
      const ifNotExists = this.path()
      this.expect(',')
      const otherwise = this.operand()
      this.expect(')')
      return { ifNotExists, otherwise }
    }
    const token = this.next()
    return token.startsWith(':') ? { value: token } : { path: token.split('.') }
  }
}

const comparisons = ['=', '<>', '<', '<=', '>', '>='] as const

const readSimple = (reader: Reader): Condition => {
  if (reader.take('NOT')) return { op: 'not', condition: readSimple(reader) }
  if (reader.take('(')) {
    const inner = readOr(reader)
    reader.expect(')')
    return inner
  }
  for (const [word, op] of [
    ['attribute_exists', 'exists'],
    ['attribute_not_exists', 'missing'],
  ] as const) {
    if (!reader.take(word)) continue
    reader.expect('(')
    const path = reader.path()
    reader.expect(')')
    return { op, path }
  }
  const pathAnd = (): readonly [Path, Operand] => {
    reader.expect('(')
    const path = reader.path()
    reader.expect(',')
    const operand = reader.operand()
    reader.expect(')')
    return [path, operand]
  }
  if (reader.take('begins_with')) {
    const [path, prefix] = pathAnd()
    return { op: 'begins_with', path, prefix }
  }
  if (reader.take('contains')) {
    const [path, part] = pathAnd()
    return { op: 'contains', path, part }
  }
  const left = reader.operand()
  if (reader.take('IN')) {
    reader.expect('(')
    const among = [reader.operand()]
    while (reader.take(',')) among.push(reader.operand())
    reader.expect(')')
    return { op: 'in', operand: left, among }
  }
  if (reader.take('BETWEEN')) {
    const low = reader.operand()
    reader.expect('AND')
    return { op: 'between', operand: left, low, high: reader.operand() }
  }
  const sign = reader.next()
  const op = comparisons.find((known) => known === sign)
  if (op === undefined) throw new Error(`the memory table does not know the comparison '${sign}'`)
  return { op, left, right: reader.operand() }
}

const readAnd = (reader: Reader): Condition => {
  let left = readSimple(reader)
  while (reader.take('AND')) left = { op: 'and', left, right: readSimple(reader) }
  return left
}

const readOr = (reader: Reader): Condition => {
  let left = readAnd(reader)
  while (reader.take('OR')) left = { op: 'or', left, right: readAnd(reader) }
  return left
}

const remembered = <Parsed>(parse: (text: string) => Parsed) => {
  const known = new Map<string, Parsed>()
  return (text: string): Parsed => {
    const found = known.get(text) ?? parse(text)
    known.set(text, found)
    return found
  }
}

export const parseCondition = remembered((text: string): Condition => {
  const reader = new Reader(text)
  const condition = readOr(reader)
  if (reader.peek() !== undefined) throw new Error(`the memory table cannot read the rest of '${text}'`)
  return condition
})

const nameOf = (word: string, { names }: Names): string => {
  if (!word.startsWith('#')) return word
  const name = names?.[word]
  if (name === undefined) throw new Error(`the expression's name ${word} is not defined`)
  return name
}

const valueAt = (item: Item | undefined, path: Path, given: Names): Value | undefined => {
  const [first = '', ...rest] = path.map((word) => nameOf(word, given))
  let value: Value | undefined = item?.[first]
  for (const word of rest) value = (value?.['M'] as Item | undefined)?.[word]
  return value
}

const operandOf = (operand: Operand, item: Item | undefined, given: Names): Value | undefined => {
  if ('path' in operand) return valueAt(item, operand.path, given)
  if ('ifNotExists' in operand) {
    return valueAt(item, operand.ifNotExists, given) ?? operandOf(operand.otherwise, item, given)
  }
  const value = given.values?.[operand.value]
  if (value === undefined) throw new Error(`the expression's value ${operand.value} is not defined`)
  return value
}

const typeOf = (value: Value): string => Object.keys(value)[0] ?? ''

/** DynamoDB compares values of one type alone; strings by their UTF-8 bytes, which for ours is their own order. */
const compare = (left: Value | undefined, right: Value | undefined): number | undefined => {
  if (left === undefined || right === undefined || typeOf(left) !== typeOf(right)) return undefined
  const [one, other] = [left, right].map((value) => value[typeOf(value)])
  if (typeOf(left) === 'N') return Math.sign(Number(one) - Number(other))
  if (typeOf(left) === 'S') return String(one) === String(other) ? 0 : String(one) < String(other) ? -1 : 1
  return JSON.stringify(one) === JSON.stringify(other) ? 0 : undefined
}

const holdsFor: Readonly<Record<(typeof comparisons)[number], (order: number | undefined) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order === -1,
  '<=': (order) => order === -1 || order === 0,
  '>': (order) => order === 1,
  '>=': (order) => order === 1 || order === 0,
}

/** Whether a condition holds for an item, or for none. */
export const holds = (condition: Condition, item: Item | undefined, given: Names): boolean => {
  switch (condition.op) {
    case 'and':
      return holds(condition.left, item, given) && holds(condition.right, item, given)
    case 'or':
      return holds(condition.left, item, given) || holds(condition.right, item, given)
    case 'not':
      return !holds(condition.condition, item, given)
    case 'exists':
      return valueAt(item, condition.path, given) !== undefined
    case 'missing':
      return valueAt(item, condition.path, given) === undefined
    case 'begins_with': {
      const [value, prefix] = [valueAt(item, condition.path, given), operandOf(condition.prefix, item, given)]
      return typeof value?.['S'] === 'string' && value['S'].startsWith(String(prefix?.['S']))
    }
    case 'contains': {
      const [value, part] = [valueAt(item, condition.path, given), operandOf(condition.part, item, given)]
      if (typeof value?.['S'] === 'string') return value['S'].includes(String(part?.['S']))
      if (Array.isArray(value?.['SS'])) return value['SS'].includes(part?.['S'])
      return Array.isArray(value?.['L']) && value['L'].some((one) => compare(one, part) === 0)
    }
    case 'in': {
      const value = operandOf(condition.operand, item, given)
      return condition.among.some((one) => compare(value, operandOf(one, item, given)) === 0)
    }
    case 'between': {
      const value = operandOf(condition.operand, item, given)
      const low = compare(value, operandOf(condition.low, item, given))
      const high = compare(value, operandOf(condition.high, item, given))
      return low !== undefined && high !== undefined && low >= 0 && high <= 0
    }
    default: {
      const { op, left, right } = condition
      return holdsFor[op](compare(operandOf(left, item, given), operandOf(right, item, given)))
    }
  }
}

type Assignment = { readonly path: Path; readonly operand: Operand; readonly plus?: Operand; readonly minus?: Operand }
interface Update {
  readonly set: readonly Assignment[]
  readonly remove: readonly Path[]
  readonly add: readonly { readonly path: Path; readonly operand: Operand }[]
}

const readAssignment = (reader: Reader, path: Path): Assignment => {
  reader.expect('=')
  const operand = reader.operand()
  if (reader.take('+')) return { path, operand, plus: reader.operand() }
  return reader.take('-') ? { path, operand, minus: reader.operand() } : { path, operand }
}

const parseUpdate = remembered((text: string): Update => {
  const reader = new Reader(text)
  const update = { set: [] as Assignment[], remove: [] as Path[], add: [] as Update['add'][number][] }
  const readPart: Readonly<Record<string, (path: Path) => void>> = {
    SET: (path) => update.set.push(readAssignment(reader, path)),
    REMOVE: (path) => update.remove.push(path),
    ADD: (path) => update.add.push({ path, operand: reader.operand() }),
  }
  while (reader.peek() !== undefined) {
    const section = reader.next().toUpperCase()
    const read = readPart[section]
    if (read === undefined) throw new Error(`the memory table does not know '${section}' of an update`)
    do read(reader.path())
    while (reader.take(','))
  }
  return update
})

const withValue = (item: Item, path: readonly string[], value: Value | undefined): Item => {
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    const { [first]: _, ...others } = item
    return value === undefined ? others : { ...others, [first]: value }
  }
  const inner = item[first]?.['M'] as Item | undefined
  if (inner === undefined) throw new Error(`there is no map '${first}' to update`)
  return { ...item, [first]: { M: withValue(inner, rest, value) } }
}

const sum = (one: Value | undefined, other: Value | undefined, sign: number): Value => ({
  N: String(Number(one?.['N'] ?? 0) + sign * Number(other?.['N'] ?? 0)),
})

/** The item after an update, and the paths that it touched. */
export const updated = (item: Item, text: string, given: Names): { readonly item: Item; readonly touched: Item } => {
  const { set, remove, add } = parseUpdate(text)
  const named = (path: Path) => path.map((word) => nameOf(word, given))
  let after = item
  const touched: Record<string, Value> = {}
  const put = (path: Path, value: Value | undefined): void => {
    after = withValue(after, named(path), value)
    const [top = ''] = named(path)
    const now = after[top]
    if (now !== undefined) touched[top] = now
  }
  for (const { path, operand, plus, minus } of set) {
    const value = operandOf(operand, item, given)
    const change = plus ?? minus
    put(path, change ? sum(value, operandOf(change, item, given), plus ? 1 : -1) : value)
  }
  for (const { path, operand } of add) put(path, sum(valueAt(item, path, given), operandOf(operand, item, given), 1))
  for (const path of remove) put(path, undefined)
  return { item: after, touched }
}
