import * as z from 'zod'

const instant = z.iso.datetime({ precision: 3 })

/**
 * A message and what has become of it. `stored`: kept to be read here, nothing is delivered. `pending`: not tried yet.
 * `failing`: tried, and will be again. `delivered`, `undeliverable`: over; only what identifies it is left then.
 */
export const storedMessageSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string().min(1),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  code: z.string().optional(),
  links: z.array(z.string()).readonly(),
  /** When it is of no more use. */
  expiresAt: instant.optional(),
  /** When the message was taken over. */
  sentAt: instant,
  status: z.enum(['stored', 'pending', 'failing', 'delivered', 'undeliverable']),
  /** How often delivery was tried. */
  attempts: z.int().nonnegative(),
  /** When its status last changed. */
  updatedAt: instant,
  /** What the last attempt failed with, for operators. */
  lastError: z.string().optional(),
})
export type StoredMessage = z.infer<typeof storedMessageSchema>

/** Whether there is something left to do for it. */
export const awaitsDelivery = ({ status }: StoredMessage): boolean => status === 'pending' || status === 'failing'
