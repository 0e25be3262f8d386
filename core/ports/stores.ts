import type { IdempotencyRecord } from '../idempotency.ts'
import type { AccountId, SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { SiteChange } from '../site/lifecycle.ts'
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
  readonly countReady: (pool: { cell: string; blueprint: string; version?: number }) => Promise<number>
  readonly listByAccount: (accountId: AccountId, page: { limit: number; cursor?: string }) => Promise<Page<Site>>
  /**
   * The environments of a site, also those that have failed, by id, without those that are purged; of an account, its rehearsals from bundles that have
   * not ended. The index may be behind.
   */
  readonly listEnvironments: (of: SiteId | AccountId) => AsyncIterable<Site>
  readonly listByStatus: <Status extends SiteStatus>(status: Status) => AsyncIterable<SiteIn<Status>>
  /** A page of the sites of a status. A walk over all pages meets each site that has the status all the time. @param page.cursor of the page before. */
  readonly statusPage: <Status extends SiteStatus>(
    status: Status,
    page: { limit: number; cursor?: string | undefined },
  ) => Promise<Page<SiteIn<Status>>>
  /** Due sites, earliest first, read page by page. The index may be behind: read a site again before acting on it. */
  readonly listDue: (query: { kind: DueEntry['kind']; after?: Instant; until: Instant }) => AsyncIterable<Site>
  /** Counts due sites, optionally after `after`, up to `atMost`. */
  readonly countDue: (query: {
    kind: DueEntry['kind']
    after?: Instant
    until: Instant
    atMost: number
  }) => Promise<number>
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
  /** Writes where the indexes find a site, for a setting that its record does not hold. A site that was changed since is left alone. */
  readonly reindex: (site: Site) => Promise<void>
}

export interface IdempotencyStore {
  readonly find: (key: string) => Promise<IdempotencyRecord | undefined>
}
