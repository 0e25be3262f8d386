import * as z from 'zod'
import { idSchema } from '../ids.ts'

const instant = z.iso.datetime({ precision: 3 })

/** `unknown` where nobody could be asked: that speaks neither for nor against a domain. */
export const sightings = ['right', 'wrong', 'unknown'] as const

/** What DNS said of a domain when it was last asked. */
const sightingSchema = z.strictObject({
  at: instant,
  ownership: z.enum(sightings),
  traffic: z.enum(sightings),
})

const everyDomain = {
  schemaVersion: z.literal(1),
  id: idSchema('dom'),
  /** Counts every change, and numbers the events of it. */
  version: z.int().positive(),
  siteId: idSchema('site'),
  accountId: idSchema('acct'),
  /** Lower case, in ASCII, without a trailing dot. */
  hostname: z.string(),
  addedAt: instant,
  /** When DNS is to be asked next, by the domain clock. */
  nextLookAt: instant,
  seen: sightingSchema.optional(),
}

export const releaseReasons = ['plan-changed', 'records-gone'] as const

/**
 * A hostname of an owner's own that leads, or is to lead, to their site. Visitors are served under it in every state but
 * `pending`.
 */
export const customDomainSchema = z.discriminatedUnion('state', [
  z.strictObject({ ...everyDomain, state: z.literal('pending') }),
  z.strictObject({ ...everyDomain, state: z.literal('verified'), verifiedAt: instant }),
  /** Its records are gone, and nobody has been told yet: they may come back by themselves. */
  z.strictObject({ ...everyDomain, state: z.literal('failing'), verifiedAt: instant, failingSince: instant }),
  /** Its owner has been warned. */
  z.strictObject({
    ...everyDomain,
    state: z.literal('releasing'),
    verifiedAt: instant,
    because: z.enum(releaseReasons),
    releaseAt: instant,
  }),
])

export type CustomDomain = z.infer<typeof customDomainSchema>
export type DomainSighting = z.infer<typeof sightingSchema>
export type DomainIn<State extends CustomDomain['state']> = Extract<CustomDomain, { state: State }>
export type HeldDomain = Exclude<CustomDomain, { state: 'pending' }>

/** Whether visitors are served under it. */
export const isHeld = (domain: CustomDomain): domain is HeldDomain => domain.state !== 'pending'
