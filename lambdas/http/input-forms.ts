import * as z from 'zod'
import { isVisible, turnsOthers } from '../../core/text.ts'

/** One line for people to read: trimmed, with something to see, and without characters that control or turn the texts around it. */
export const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(longest)
    .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')
    .refine((text) => !turnsOthers(text), 'must not contain characters that change the direction of other texts')
    .refine((text) => text === '' || isVisible(text), 'must have a visible character')

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(2000).optional(),
}

/** An id that may be invalid. It gets the same answer as another account's id. */
export const siteParams = z.object({ id: z.string().max(100) })

export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .max(255)
    .regex(/^[\x21-\x7e]+$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .describe('A value that you choose, such as a UUID. Repeating a request with it creates only once.'),
})

const hour = 60 * 60_000
const day = 24 * hour
const longest = 365 * day

/** Either weeks, or days and hours. */
const parts = /^P(?:(\d{1,5})W|(?:(\d{1,5})D)?(?:T(\d{1,5})H)?)$/

const millisecondsOf = (text: string): number | undefined => {
  const found = parts.exec(text)
  if (found === null || text === 'P') return undefined
  const [weeks, days, hours] = [Number(found[1] ?? 0), Number(found[2] ?? 0), Number(found[3] ?? 0)]
  return weeks * 7 * day + days * day + hours * hour
}

/** Reads an ISO 8601 duration of weeks, days and hours, at most P365D, as milliseconds. */
export const durationForm = z
  .string()
  .max(20)
  .meta({ description: 'An ISO 8601 duration of weeks, days and hours, at most P365D.', example: 'P7D' })
  .transform((text, context) => {
    const milliseconds = millisecondsOf(text)
    if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= longest) return milliseconds
    context.addIssue({
      code: 'custom',
      message: 'must be an ISO 8601 duration of weeks, days or hours, more than zero and at most P365D, as P7D',
    })
    return z.NEVER
  })
