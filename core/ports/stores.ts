import type { Account, AccountChange, AccountOpening, Identity, Person } from '../account/account.ts'
import type { Blueprint } from '../blueprint/blueprint.ts'
import type { IdempotencyRecord } from '../idempotency.ts'
import type { AccountId, PersonId, SignupId, SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { Session, Signup } from '../signup/signup.ts'
import type { SiteChange } from '../site/change.ts'
import type { DueEntry } from '../site/next-step.ts'
import type { ReadySite, Site, SiteIn, SiteStatus } from '../site/site.ts'

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Opaque; absent on the last page. */
  readonly cursor?: string
}

/** What stood in the way of a commit, most telling first: a key used before, then the trial, then the hostname. */
export type Obstacle = 'idempotency' | 'trial' | 'hostname' | 'version'

export type CommitResult = { readonly done: true } | { readonly done: false; readonly obstacle: Obstacle }

export interface SiteStore {
  /** Strongly consistent. */
  readonly get: (id: SiteId) => Promise<Site | undefined>
  /** The site that holds a hostname, or held it last where nobody holds it; strongly consistent. */
  readonly findByHostname: (hostname: string) => Promise<Site | undefined>
  readonly isHostnameHeld: (hostname: string) => Promise<boolean>
  /** Up to `limit` sites of the pool, newest blueprint version first; only those of versions below `below`, if given. */
  readonly findReady: (
    pool: { cell: string; blueprint: string; below?: number },
    limit: number,
  ) => Promise<readonly ReadySite[]>
  /** The sites of the pool; of one blueprint version, if given. */
  readonly countReady: (pool: { cell: string; blueprint: string; version?: number }) => Promise<number>
  /** Newest first. */
  readonly listByAccount: (accountId: AccountId, page: { limit: number; cursor?: string }) => Promise<Page<Site>>
  readonly listByStatus: <Status extends SiteStatus>(status: Status) => AsyncIterable<SiteIn<Status>>
  /**
   * What the due index has until then, earliest first: read page by page as it is asked for, so that it costs what is due
   * and not what exists. The index may be a moment behind: read a site again before acting on it.
   */
  readonly listDue: (query: { kind: DueEntry['kind']; until: Instant }) => AsyncIterable<Site>
  /** How many that are, those up to `after` left out, if given; not counted beyond `atMost`. */
  readonly countDue: (query: {
    kind: DueEntry['kind']
    after?: Instant
    until: Instant
    atMost: number
  }) => Promise<number>
  /** The earliest instant that the due index has of a kind; of those later than `after`, if given. */
  readonly firstDue: (query: { kind: DueEntry['kind']; after?: Instant }) => Promise<Instant | undefined>
  /** Up to `limit` sites, those that were requested last first. */
  readonly newestByStatus: <Status extends SiteStatus>(
    status: Status,
    limit: number,
  ) => Promise<readonly SiteIn<Status>[]>
  /**
   * Writes the new state, on condition of the old version, its event, and what is reserved or released, in one
   * transaction. A commit that succeeded and lost its reply reads as done when repeated with the same change.
   */
  readonly commit: (change: SiteChange) => Promise<CommitResult>
}

export type TryResult =
  | { readonly outcome: 'counted'; readonly signup: Signup }
  | { readonly outcome: 'unknown' | 'used' | 'exhausted' | 'expired' }

export interface SignupStore {
  /** `taken` where the idempotency key was used before, and its record has not expired when the sign-up is created. */
  readonly create: (signup: Signup, idempotency?: IdempotencyRecord) => Promise<'created' | 'taken'>
  readonly get: (id: SignupId) => Promise<Signup | undefined>
  /** Counts a try before its code is looked at, so that tries at the same moment all count. */
  readonly countTry: (id: SignupId, limit: number, now: Instant) => Promise<TryResult>
  /**
   * Uses up the sign-up, opens the session and, for a new address, the account: all or nothing.
   * @returns `used` where the code was used before; `known` where the address got its account meanwhile: look it up and
   *   complete again without an opening.
   */
  readonly complete: (completion: {
    readonly signup: Signup
    readonly session: Session
    readonly opening?: AccountOpening
  }) => Promise<'done' | 'used' | 'known'>
}

export interface AccountStore {
  /** Strongly consistent. */
  readonly get: (id: AccountId) => Promise<Account | undefined>
  readonly findByEmailHash: (emailHash: string) => Promise<Identity | undefined>
  readonly getPerson: (id: PersonId) => Promise<Person | undefined>
  /** The person whom mail about the account goes to. */
  readonly getOwner: (id: AccountId) => Promise<Person | undefined>
}

export interface AccountChanges {
  /**
   * Writes the new state, on condition of the old version, and its event, in one transaction.
   * @returns whether it was written, now or by an earlier try of this very change that lost its reply.
   */
  readonly commit: (change: AccountChange) => Promise<boolean>
}

export interface SessionStore {
  /** Undefined also where it has expired. */
  readonly find: (tokenHash: string, now: Instant) => Promise<Session | undefined>
  readonly end: (tokenHash: string) => Promise<void>
}

export interface IdempotencyStore {
  readonly find: (key: string) => Promise<IdempotencyRecord | undefined>
}

export interface BlueprintStore {
  /**
   * Makes a version known. Doing so again with the same content changes nothing.
   * @throws {SitewrightError} `BlueprintInvalid` where the version is published with other content.
   */
  readonly publish: (blueprint: Blueprint) => Promise<void>
  readonly get: (name: string, version: number) => Promise<Blueprint | undefined>
  /** The highest published version. */
  readonly latest: (name: string) => Promise<Blueprint | undefined>
}
