import { createHash } from 'node:crypto'
import type { AccountId, Id, PersonId, SignupId, SiteId } from '../../core/ids.ts'
import type { DueEntry } from '../../core/site/next-step.ts'
import type { SiteStatus } from '../../core/site/site.ts'

// Keys of sites, and those that several stores use. The others are in the store that uses them.

export interface Key {
  readonly pk: string
  readonly sk: string
}

export const padded = (number: number): string => String(number).padStart(12, '0')

export const siteKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'SITE' })
export const hostKey = (hostname: string): Key => ({ pk: `HOST#${hostname}`, sk: 'HOST' })
/** A hostname's place among the slugs that begin with the same character, in the index of accounts, whose ids look otherwise. */
export const slugKey = (slug: string): string => `SLUG#${slug.slice(0, 1)}`
/** The environments of a site, or the rehearsals of an account whose originals may be elsewhere, in the index of accounts. */
export const environmentsKey = (of: SiteId | AccountId): string => `ENVIRONMENTS#${of}`
/** A word's place among those that begin with the same character, in the index of accounts. */
export const wordKey = (word: string): string => `WORD#${[...word][0] ?? ''}`
/** The places of a site's words, below the site. */
export const wordPrefix = 'WORD#'
export const siteWordKey = (id: SiteId, place: number): Key => ({
  pk: `SITE#${id}`,
  sk: `${wordPrefix}${padded(place)}`,
})
/** A hostname that nobody gets again, and that is not to be read here. */
export const retiredHostKey = (hostname: string): Key => ({
  pk: `HOST#sha256#${createHash('sha256').update(hostname).digest('hex')}`,
  sk: 'HOST',
})
/** @param of the offer whose own trial it is. */
export const trialKey = (id: AccountId, of?: string): Key => ({
  pk: `ACCOUNT#${id}`,
  sk: of === undefined ? 'TRIAL' : `TRIAL#${of}`,
})
export const accountKey = (id: AccountId): Key => ({ pk: `ACCOUNT#${id}`, sk: 'ACCOUNT' })
export const memberKey = (id: AccountId, person: PersonId): Key => ({ pk: `ACCOUNT#${id}`, sk: `MEMBER#${person}` })
export const personKey = (id: PersonId): Key => ({ pk: `PERSON#${id}`, sk: 'PERSON' })
export const emailKey = (hash: string): Key => ({ pk: `EMAIL#${hash}`, sk: 'EMAIL' })
/** Ports, access points and the file system of a cell's sites: what a site has, and whose a port is. */
export const cellPortsKey = (cell: string): string => `PORTS#${cell}`
export const storageReadingKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'STORAGE' })

export const domainPrefix = 'DOMAIN#'
/** A custom domain after its release, below its site. */
export const releasedPrefix = 'RELEASED#'

const aggregatePrefix = {
  site: 'SITE',
  account: 'ACCOUNT',
  payment: 'PAYMENT',
  domain: 'DOMAIN',
  reconciliation: 'RECONCILIATION',
  rollout: 'ROLLOUT',
  lead: 'LEAD',
} as const

export const eventKey = (aggregate: { type: keyof typeof aggregatePrefix; id: string }, version: number): Key => ({
  pk: `${aggregatePrefix[aggregate.type]}#${aggregate.id}`,
  sk: `EVENT#${padded(version)}`,
})

/** Below the keys of sign-ups, so that the same permissions hold. */
const signupsOfAddress = (emailHash: string): string => `SIGNUP#OF#${emailHash}`
export const lastMailKey = (emailHash: string): Key => ({ pk: signupsOfAddress(emailHash), sk: 'MAIL' })
/** The sign-ups of an address, so that they can be erased. */
export const signupOfAddressPrefix = 'SIGNUP#'
export const signupOfAddressKey = (emailHash: string, id: SignupId | ''): Key => ({
  pk: signupsOfAddress(emailHash),
  sk: `${signupOfAddressPrefix}${id}`,
})
export const signupKey = (id: SignupId): Key => ({ pk: `SIGNUP#${id}`, sk: 'SIGNUP' })
export const sessionKey = (tokenHash: string): Key => ({ pk: `SESSION#${tokenHash}`, sk: 'SESSION' })
/** The sessions of a person, so that they can be listed and erased. The sort key is the session's hash. */
export const sessionOfPersonKey = (id: PersonId, tokenHash: string): Key => ({ pk: `SESSION#OF#${id}`, sk: tokenHash })

/** An index keyed by a status alone would be one hot partition. */
export const shards = [0, 1, 2, 3] as const

/** The last character of a ULID is random, so it spreads. */
export const shardOf = (id: string): number => id.charCodeAt(id.length - 1) % shards.length

export const statusKeys = (status: SiteStatus): readonly string[] => shards.map((shard) => `STATUS#${status}#${shard}`)
export type DueKind = DueEntry['kind'] | 'domain' | 'idle' | 'webhook'
export const dueKey = (kind: DueKind, id: SiteId | Id<'msg' | 'dom'>): string => `DUE#${kind}#${shardOf(id)}`
export const poolKey = (cell: string, blueprint: string): string => `POOL#${cell}#${blueprint}`
/** Without an id, what the keys of that version begin with. */
export const poolSort = (version: number, id: SiteId | ''): string => `${padded(version)}#${id}`
export const outboxKey = 'OUTBOX'
/** Sites by status and plan, those of days, and those of cells. */
export const totalsPartition = 'TOTALS'

/** The audit log, oldest first. */
export const auditPartition = 'AUDIT'

/** An account's lead; its events are below it. */
export const leadKey = (id: AccountId): Key => ({ pk: `LEAD#${id}`, sk: 'LEAD' })

/** What connects an account to its rows in reports. */
export const reportAccountKey = (id: AccountId): Key => ({ pk: `REPORT-ACCOUNT#${id}`, sk: 'REPORT-ACCOUNT' })
