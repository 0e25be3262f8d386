export const logLevels = ['error', 'warning', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/** A line that a program wrote. Time and level are absent where it says none. */
export interface LogLine {
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
export const isAsSerious = ({ level }: LogLine, least: LogLevel): boolean =>
  logLevels.indexOf(level ?? 'info') <= logLevels.indexOf(least)

export interface Logs {
  readonly containers: readonly { readonly container: string; readonly lines: readonly string[] }[]
  readonly cursor: string
}

const mostLines = 500

/** What was read before, and what was written since: the last lines of each container. */
export const joinLogs = (known: Logs | undefined, next: Logs): Logs => {
  const before = new Map(known?.containers.map(({ container, lines }) => [container, lines]))
  const since = new Map(next.containers.map(({ container, lines }) => [container, lines]))
  const names = [...new Set([...before.keys(), ...since.keys()])]
  return {
    cursor: next.cursor,
    containers: names.map((container) => ({
      container,
      lines: [...(before.get(container) ?? []), ...(since.get(container) ?? [])].slice(-mostLines),
    })),
  }
}
