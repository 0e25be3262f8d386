import * as z from 'zod'

const instant = z.iso.datetime({ precision: 3 })

/** How far the hand-over of a site to its owner is; a site without a step for it has none. */
export const handOverSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('pending') }),
  z.strictObject({ status: z.literal('done'), at: instant }),
  z.strictObject({
    status: z.literal('failed'),
    at: instant,
    /** For the owner, without internals. */
    reason: z.string(),
    /** What the site answered last; without what identifies the owner, and without the password. */
    answer: z.strictObject({ status: z.int(), excerpt: z.string().max(300) }).optional(),
  }),
])
export type HandOver = z.infer<typeof handOverSchema>

/** Who gets in. Absent: everybody. */
export const accessSchema = z.enum(['claimed', 'owner'])

/** When the owner saw the generated credentials; null before. */
export const credentialsSchema = z.strictObject({ shownAt: instant.nullable() })

export interface SiteEntry {
  readonly access?: z.infer<typeof accessSchema> | undefined
  readonly handOver?: HandOver | undefined
  readonly credentials?: z.infer<typeof credentialsSchema> | undefined
}

/** Why strangers are turned away: `private` for ever, `not-open` until the hand-over; undefined if they are not. */
export const gateOf = ({ access, handOver }: SiteEntry): 'private' | 'not-open' | undefined => {
  if (access === 'owner') return 'private'
  return access === 'claimed' && handOver?.status !== 'done' ? 'not-open' : undefined
}
