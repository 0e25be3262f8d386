import * as z from 'zod'
import { idSchema } from '../ids.ts'
import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'

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

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** By the domain clock, in milliseconds. */
export const domainTimes = {
  /** Whoever sets records waits for them to be seen; nobody waits any more after the first hours. */
  pendingLook: (age: number): number => (age < hour ? minute : age < day ? 10 * minute : 2 * hour),
  /** Records that nobody has set by then are not looked for any longer. */
  pendingLasts: 30 * day,
  verifiedLook: 6 * hour,
  /** What is about to go is looked at more often, so that it is kept as soon as it may be. */
  failingLook: hour,
  /** A zone that is moved from one provider to another is back within a day. */
  failingBeforeWarning: day,
  /** From the warning to the release. */
  warningLasts: 7 * day,
} as const

/** When the records of a domain that was never verified are looked for no longer. */
export const dropsAt = ({ addedAt }: DomainIn<'pending'>): Instant =>
  plusMilliseconds(addedAt, domainTimes.pendingLasts)

/** When a domain goes unless it is verified by then; undefined where it stays. */
export const goesAt = (domain: CustomDomain): Instant | undefined => {
  if (domain.state === 'pending') return dropsAt(domain)
  return domain.state === 'releasing' ? domain.releaseAt : undefined
}

type Looked =
  | Pick<DomainIn<'pending'>, 'state' | 'addedAt'>
  | (Pick<CustomDomain, 'addedAt'> & { readonly state: 'verified' | 'failing' })
  | Pick<DomainIn<'releasing'>, 'state' | 'addedAt' | 'releaseAt'>

/** When a domain is looked at again of which everything is done that there is to do now. */
export const nextLookAt = (domain: Looked, now: Instant): Instant => {
  switch (domain.state) {
    case 'pending':
      return plusMilliseconds(now, domainTimes.pendingLook(Date.parse(now) - Date.parse(domain.addedAt)))
    case 'verified':
      return plusMilliseconds(now, domainTimes.verifiedLook)
    case 'failing':
      return plusMilliseconds(now, domainTimes.failingLook)
    case 'releasing': {
      const regular = plusMilliseconds(now, domainTimes.failingLook)
      return domain.releaseAt > now && domain.releaseAt < regular ? domain.releaseAt : regular
    }
  }
}
