import type { Log } from '../core/ports/context.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof levels)[number]

/** JSON shows nothing of an error by itself. */
const errorFields = (error: unknown): unknown =>
  error instanceof Error
    ? {
        name: error.name,
        message: error.message,
        stack: error.stack,
        ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
        ...(error instanceof AggregateError ? { errors: error.errors.map(errorFields) } : {}),
      }
    : error

const shown = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, errorFields(value)]))

/**
 * Writes one JSON object a line to standard output, for CloudWatch. A logging library would take nine milliseconds of each cold
 * start (docs/adr/0016-cold-starts.md). @param level the lowest that is written.
 */
export const createConsoleLog = (
  level: Level,
  write: (text: string) => void = (text) => process.stdout.write(text),
): Log => {
  const min = levels.indexOf(level)
  const line =
    (of: Level) =>
    (fields: object, message: string): void => {
      if (levels.indexOf(of) < min) return
      write(`${JSON.stringify({ time: new Date().toISOString(), level: of, message, ...shown(fields) })}\n`)
    }
  return { info: line('info'), warn: line('warn'), error: line('error') }
}
