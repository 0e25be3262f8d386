import * as z from 'zod'

/** One line for people to read: trimmed, without control characters. */
export const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(longest)
    .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')

/** A page of a list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(2000).optional(),
}

/** An id that may be wrong: whoever asks with a wrong one learns the same as with one of somebody else. */
export const siteParams = z.object({ id: z.string().max(100) })

export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .meta({ description: 'A value that you choose, such as a UUID. Repeating a request with it creates only once.' }),
})
