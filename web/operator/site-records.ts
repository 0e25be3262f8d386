import type { components } from '../api/openapi.d.ts'
import type { Texts } from '../texts/texts.ts'

type Entry = components['schemas']['Timeline']['entries'][number]

/** What the fold needs of an entry. */
type Folded = Pick<Entry, 'id' | 'kind' | 'type' | 'details'>

const begins: ReadonlySet<string> = new Set(['SiteOperationBegun', 'SiteRequested'])

/** The version of the site that began the operation: its workflows, and what they cause, are named after it. */
const fenceOf = ({ id, details }: Folded): string | undefined =>
  /^[a-z-]+-site_[0-9a-z]{26}-(\d+)/.exec(String(details['causationId'] ?? id))?.[1]

const isWork = ({ kind }: Folded): boolean => kind !== 'event' && kind !== 'mail'

const isSame = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other

/**
 * Joins the entries of each operation: its end, what it changed, its failures and steps, and its begin. Other entries stay alone.
 * @param entries newest first. Operations of a site follow each other.
 */
export const foldOperations = <Known extends Folded>(entries: readonly Known[]): readonly (readonly Known[])[] => {
  const rows: Known[][] = []
  let open: { readonly row: Known[]; fence: string | undefined } | undefined
  for (const entry of entries) {
    const fence = fenceOf(entry)
    // A phase within an operation begins too, at a later version.
    const isBegin = open?.fence === undefined ? begins.has(entry.type) : open.fence === String(entry.details['version'])
    const isPart = fence !== undefined || isWork(entry)
    if (
      open !== undefined &&
      (isBegin || (isPart && isSame(open.fence, fence))) &&
      entry.type !== 'SiteOperationEnded'
    ) {
      open.row.push(entry)
      open.fence ??= fence
    } else {
      const row = [entry]
      rows.push(row)
      if (isPart) open = { row, fence }
    }
    if (isBegin) open = undefined
  }
  return rows
}

const names =
  'step previousVersion configuration to milliseconds because daysBefore trialEndsAt until policyVersion operation outcome revision during detail'

/** The values of an event in the language of the page. Codes without a text stay. */
const valuesOf = ({ find, format }: Texts<string>, { details }: Entry): Readonly<Record<string, string>> => {
  const say = (name: string): string => {
    const value = details[name]
    if (typeof value === 'number') return name === 'daysBefore' ? format.days(value) : format.number(value)
    if (typeof value !== 'string') return '–'
    return name === 'until' || name === 'trialEndsAt' ? format.instant(value) : (find(`${name}.${value}`) ?? value)
  }
  return Object.fromEntries(names.split(' ').map((name) => [name, say(name)]))
}

/** Fields that make an event another one for a reader. */
const variantsOf = ({ details }: Entry): readonly unknown[] => [
  ...['configuration', 'restored', 'to', 'ownersOnly', 'scheduled'].filter((name) => details[name]),
  details['because'],
  details['side'],
]

/**
 * Says an entry of a timeline in the language of the page. One of an unknown type keeps the words of the API.
 * @param events may have the one that a mail is about.
 */
export const sayHappened = (texts: Texts<string>, entry: Entry, events: readonly Entry[] = []): string => {
  const { type, details, title } = entry
  const event = events.find(({ id }) => id === details['about'])
  const values = { ...valuesOf(texts, entry), about: event === undefined ? '–' : sayHappened(texts, event) }
  const keys = [...variantsOf(entry).map((variant) => `${type}.${variant}`), type]
  return keys.map((key) => texts.find(`happened.${key}`, values)).find((text) => text !== undefined) ?? title
}

export const logLevels = ['error', 'warning', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/** A line that a program wrote. Time and level are absent where it says none. */
interface LogLine {
  readonly at?: string
  readonly level?: LogLevel
  readonly text: string
}

const words: readonly (readonly [RegExp, LogLevel])[] = [
  [/^(error|err|fatal|critical|crit|alert|emerg|panic)/i, 'error'],
  [/^warn/i, 'warning'],
  [/^(info|notice|log)/i, 'info'],
  [/^(debug|trace|verbose|silly)/i, 'debug'],
]

/** A word, or a number as pino writes it: 30 is info. */
const levelOf = (given: unknown): LogLevel | undefined => {
  if (typeof given === 'number') return given >= 50 ? 'error' : given >= 40 ? 'warning' : given >= 30 ? 'info' : 'debug'
  return words.find(([pattern]) => typeof given === 'string' && pattern.test(given))?.[1]
}

const timeOf = (given: unknown): string | undefined => {
  const time = typeof given === 'string' || typeof given === 'number' ? new Date(given) : undefined
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}

const fieldsOf = (line: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const parsed: unknown = line.startsWith('{') ? JSON.parse(line) : undefined
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined
  } catch {
    return undefined
  }
}

/** Reads a line of JSON in the fields that most loggers use. Other lines, and JSON without a message, stay as they are. */
export const readLogLine = (line: string): LogLine => {
  const { level, severity, at, time, timestamp, ts, message, msg, ...others } = fieldsOf(line) ?? {}
  const said = message ?? msg
  if (typeof said !== 'string') return { text: line }
  const [known, when] = [levelOf(level ?? severity), timeOf(at ?? time ?? timestamp ?? ts)]
  const rest = Object.entries(others).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return { ...(when && { at: when }), ...(known && { level: known }), text: said + rest.join('') }
}

/** Whether a line is as serious as a level. Lines without one belong to every choice but errors and warnings. */
export const isAsSerious = ({ level }: LogLine, min: LogLevel): boolean =>
  logLevels.indexOf(level ?? 'info') <= logLevels.indexOf(min)

export interface Logs {
  readonly containers: readonly { readonly container: string; readonly lines: readonly string[] }[]
  readonly cursor: string
}

const maxLines = 500

/** What was read before, and what was written since: the last lines of each container. */
export const joinLogs = (known: Logs | undefined, next: Logs): Logs => {
  const before = new Map(known?.containers.map(({ container, lines }) => [container, lines]))
  const since = new Map(next.containers.map(({ container, lines }) => [container, lines]))
  const names = [...new Set([...before.keys(), ...since.keys()])]
  return {
    cursor: next.cursor,
    containers: names.map((container) => ({
      container,
      lines: [...(before.get(container) ?? []), ...(since.get(container) ?? [])].slice(-maxLines),
    })),
  }
}
