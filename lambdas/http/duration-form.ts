import * as z from 'zod'

const hour = 60 * 60_000
const day = 24 * hour
const longest = 365 * day

/** Weeks alone, or days and hours; years and months have no length of their own. */
const parts = /^P(?:(\d{1,5})W|(?:(\d{1,5})D)?(?:T(\d{1,5})H)?)$/

const millisecondsOf = (text: string): number | undefined => {
  const found = parts.exec(text)
  if (found === null || text === 'P') return undefined
  const [weeks, days, hours] = [Number(found[1] ?? 0), Number(found[2] ?? 0), Number(found[3] ?? 0)]
  return weeks * 7 * day + days * day + hours * hour
}

/** An ISO 8601 duration of weeks, days and hours, more than nothing and at most a year of days; read as milliseconds. */
export const durationForm = z
  .string()
  .max(20)
  .meta({ description: 'An ISO 8601 duration of weeks, days and hours, at most P365D.', example: 'P7D' })
  .transform((text, context) => {
    const milliseconds = millisecondsOf(text)
    if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= longest) return milliseconds
    context.addIssue({
      code: 'custom',
      message: 'must be an ISO 8601 duration of weeks, days or hours, more than nothing and at most P365D, as P7D',
    })
    return z.NEVER
  })
