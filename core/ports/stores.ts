import type { Account, AccountChange, AccountOpening, Identity, Person } from '../../lambdas/accounts/account.ts'
import type { Standing } from '../../lambdas/blueprints/standing.ts'
import type { AuditEntry } from '../../lambdas/operators/audit/audit-entry.ts'
import type { Entrance } from '../../lambdas/operators/entrance/entrance.ts'
import type { LimitedWindow } from '../../lambdas/signup/abuse/ports.ts'
import type { Session, Signup } from '../../lambdas/signup/signup.ts'
import type { FailureEvidence, FailureSummary } from '../../lambdas/sites/evidence/evidence.ts'
import type { SummaryLink } from '../../lambdas/sites/summary/summary-link.ts'
import type { Blueprint } from '../blueprint/blueprint.ts'
import type { Viewer } from '../entitlement/viewer.ts'
import type { IdempotencyRecord } from '../idempotency.ts'
import type { AccountId, PersonId, SignupId, SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { SiteChange } from '../site/change.ts'
import type { DueEntry } from '../site/next-step.ts'
import type { ReadySite, Site, SiteIn, SiteStatus } from '../site/site.ts'

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Opaque; absent on the last page. */
  readonly cursor?: string
}

/** Why a commit failed; the first that applies. */
export type Obstacle = 'idempotency' | 'trial' | 'hostname' | 'version'

export type CommitResult = { readonly done: true } | { readonly done: false; readonly obstacle: Obstacle }

export interface SiteStore {
  /** Strongly consistent. */
  readonly get: (id: SiteId) => Promise<Site | undefined>
  /** The present or last holder of a hostname; strongly consistent. */
  readonly findByHostname: (hostname: string) => Promise<Site | undefined>
  readonly isHostnameHeld: (hostname: string) => Promise<boolean>
  /** Up to `limit` pooled sites, newest blueprint version first; optionally of versions below `below`. */
  readonly findReady: (
    pool: { cell: string; blueprint: string; below?: number },
    limit: number,
  ) => Promise<readonly ReadySite[]>
  /** Pooled sites, optionally of one blueprint version. */
  readonly countReady: (pool: { cell: string; blueprint: string; version?: number }) => Promise<number>
  readonly listByAccount: (accountId: AccountId, page: { limit: number; cursor?: string }) => Promise<Page<Site>>
  readonly listByStatus: <Status extends SiteStatus>(status: Status) => AsyncIterable<SiteIn<Status>>
  /**
   * A page of the sites of a status. A walk over all pages meets each site that has the status all the time.
   * @param page.cursor of the page before.
   */
  readonly statusPage: <Status extends SiteStatus>(
    status: Status,
    page: { limit: number; cursor?: string | undefined },
  ) => Promise<Page<SiteIn<Status>>>
  /** Due sites, earliest first, read page by page. The index may be behind: read a site again before acting on it. */
  readonly listDue: (query: { kind: DueEntry['kind']; until: Instant }) => AsyncIterable<Site>
  /** Counts due sites, optionally after `after`, up to `atMost`. */
  readonly countDue: (query: {
    kind: DueEntry['kind']
    after?: Instant
    until: Instant
    atMost: number
  }) => Promise<number>
  /** The earliest entry of a kind, optionally after `after`. */
  readonly firstDue: (query: { kind: DueEntry['kind']; after?: Instant }) => Promise<Instant | undefined>
  /** The latest requested first. */
  readonly newestByStatus: <Status extends SiteStatus>(
    status: Status,
    limit: number,
  ) => Promise<readonly SiteIn<Status>[]>
  /**
   * Writes the site, its event and its reservations in one transaction, on condition of the old version. A repeated
   * commit that had succeeded returns `done`.
   */
  readonly commit: (change: SiteChange) => Promise<CommitResult>
}

type TryResult =
  | { readonly outcome: 'counted'; readonly signup: Signup }
  | { readonly outcome: 'unknown' | 'used' | 'exhausted' | 'expired' }

export interface SignupStore {
  /**
   * Stores a sign-up until it expires, or longer.
   * @param options.windows of one subject, counted in the same transaction.
   * @param options.notedUntil notes its mail as the last of the address until then, in the same transaction.
   * @returns `taken` if the idempotency key has an unexpired record; `limited` if a window is at its limit.
   */
  readonly create: (
    signup: Signup,
    idempotency?: IdempotencyRecord,
    options?: {
      readonly keptUntil?: Instant | undefined
      readonly windows?: readonly LimitedWindow[]
      readonly notedUntil?: Instant
    },
  ) => Promise<'created' | 'taken' | 'limited'>
  readonly get: (id: SignupId) => Promise<Signup | undefined>
  /** Counts a try before the code is compared, so that concurrent tries all count. */
  readonly countTry: (id: SignupId, limit: number, now: Instant) => Promise<TryResult>
  /**
   * Uses up the sign-up, opens the session, records the sign-in and, for a new address, opens the account, in one transaction.
   * @returns `used` if the code was used; `known` if the address has got an account: call again without an opening.
   */
  readonly complete: (completion: {
    readonly signup: Signup
    readonly session: Session
    readonly opening?: AccountOpening
    /** The sign-in. */
    readonly entry: AuditEntry
  }) => Promise<'done' | 'used' | 'known'>
}

/** A sign-up whose mail waits. */
export interface QueuedMail {
  readonly id: SignupId
  readonly createdAt: Instant
}

/** Which mails of sign-ups went out or wait. */
export interface SignupMails {
  /** Notes the last mail that went to an address. */
  readonly note: (signup: Pick<Signup, 'id' | 'emailHash'>, until: Instant) => Promise<void>
  /**
   * Notes a mail instead of another one. If that is undefined, none is noted or the noted one has ended.
   * @returns whether nothing else was noted meanwhile.
   */
  readonly replace: (
    earlier: SignupId | undefined,
    signup: Pick<Signup, 'id' | 'emailHash'>,
    times: { readonly now: Instant; readonly until: Instant },
  ) => Promise<boolean>
  /** The sign-up of the last mail that went to an address; undefined if none is noted. */
  readonly last: (emailHash: string, now: Instant) => Promise<SignupId | undefined>
  readonly queue: (signup: Pick<Signup, 'id' | 'createdAt' | 'expiresAt'>) => Promise<void>
  /** The oldest first. */
  readonly queued: (limit: number) => Promise<readonly QueuedMail[]>
  readonly unqueue: (entry: QueuedMail) => Promise<void>
}

export interface AccountStore {
  /** Strongly consistent. */
  readonly get: (id: AccountId) => Promise<Account | undefined>
  readonly findByEmailHash: (emailHash: string) => Promise<Identity | undefined>
  readonly getPerson: (id: PersonId) => Promise<Person | undefined>
  readonly getOwner: (id: AccountId) => Promise<Person | undefined>
}

export interface AccountChanges {
  /**
   * Writes the account and its event in one transaction, on condition of the old version.
   * @returns whether it was written, now or by an earlier attempt that lost its reply.
   */
  readonly commit: (change: AccountChange) => Promise<boolean>
}

export interface SessionStore {
  /** Undefined if it has expired or was not used for too long. */
  readonly find: (tokenHash: string, now: Instant) => Promise<Session | undefined>
  /** Stores a use. @returns false if the session has ended meanwhile. */
  readonly noteUse: (session: Session, now: Instant) => Promise<boolean>
  /** Those of a person that have not ended. */
  readonly listOf: (personId: PersonId, now: Instant) => Promise<readonly Session[]>
  /** Ends a session and records it in one transaction. */
  readonly end: (tokenHash: string, entry: AuditEntry) => Promise<void>
}

export interface EntranceStore {
  readonly keep: (entrance: Entrance) => Promise<void>
  /**
   * Consumes an entrance: of several calls, one gets the viewer. After a lost reply nobody does.
   * @returns undefined if it was used, has expired, or is of another site, which keeps it.
   */
  readonly use: (entrance: Pick<Entrance, 'siteId' | 'tokenHash'>, now: Instant) => Promise<Viewer | undefined>
}

export interface SummaryLinkStore {
  readonly keep: (link: SummaryLink) => Promise<void>
  /** May return one that has expired. */
  readonly find: (siteId: SiteId, id: SummaryLink['id']) => Promise<SummaryLink | undefined>
  /** Also those that have expired. */
  readonly list: (siteId: SiteId) => Promise<readonly SummaryLink[]>
  readonly remove: (siteId: SiteId, id: SummaryLink['id']) => Promise<void>
}

export interface IdempotencyStore {
  readonly find: (key: string) => Promise<IdempotencyRecord | undefined>
}

export interface BlueprintReader {
  readonly get: (name: string, version: number) => Promise<Blueprint | undefined>
  readonly latest: (name: string) => Promise<Blueprint | undefined>
  /** All published versions, the oldest first. */
  readonly versions: (name: string) => Promise<readonly Blueprint[]>
  /** The draft and the availability of a blueprint; strongly consistent. */
  readonly standing: (name: string) => Promise<Standing | undefined>
}

export interface BlueprintStore extends BlueprintReader {
  /** Idempotent for the same content. @throws {SitewrightError} `BlueprintInvalid` if the version has other content. */
  readonly publish: (blueprint: Blueprint) => Promise<void>
  /** @returns false if it was changed since the version before. */
  readonly saveStanding: (standing: Standing) => Promise<boolean>
}

/** What was known of sites that failed to start: the last ones of each site, for some weeks. It may be lost. */
export interface EvidenceStore {
  /** Replaces an entry of the same id, and removes the oldest if there are too many. */
  readonly keep: (evidence: FailureEvidence) => Promise<void>
  /** Newest first. */
  readonly list: (siteId: SiteId) => Promise<readonly FailureEvidence[]>
  /** The newest failures of all sites. */
  readonly recent: (limit: number) => Promise<readonly FailureSummary[]>
  readonly erase: (siteId: SiteId) => Promise<void>
}
