import * as z from 'zod'

export type IdPrefix =
  | 'site'
  | 'acct'
  | 'prsn'
  | 'sgn'
  | 'evt'
  | 'msg'
  | 'req'
  | 'arc'
  | 'dom'
  | 'aud'
  | 'lnk'
  | 'ses'
  | 'ops'
  | 'hook'
  | 'att'
  | 'dpl'
  | 'inv'
  | 'tok'

/** A prefix and a lower-case ULID, such as `site_01jq3v5k8m0000000000000000`. */
export type Id<Prefix extends IdPrefix> = `${Prefix}_${string}`

export type SiteId = Id<'site'>
export type AccountId = Id<'acct'>
export type PersonId = Id<'prsn'>
export type SignupId = Id<'sgn'>
export type ArchiveId = Id<'arc'>
export type DomainId = Id<'dom'>

const ulid = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/

export const isId = <Prefix extends IdPrefix>(prefix: Prefix, text: string): text is Id<Prefix> =>
  text.startsWith(`${prefix}_`) && ulid.test(text.slice(prefix.length + 1))

export const idSchema = <Prefix extends IdPrefix>(prefix: Prefix) =>
  z
    .custom<Id<Prefix>>((value) => typeof value === 'string' && isId(prefix, value), {
      error: `must be an id that starts with ${prefix}_`,
    })
    .meta({ type: 'string', pattern: `^${prefix}_[0-9a-z]{26}$`, example: `${prefix}_01jq3v5k8m0000000000000000` })
