import type { CustomDomain } from '../domains/custom-domain.ts'
import type { DomainChange } from '../domains/domain-change.ts'
import type { DomainId, SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'

export interface DomainStore {
  /** Strongly consistent, as are the next three. */
  readonly get: (siteId: SiteId, hostname: string) => Promise<CustomDomain | undefined>
  /** All of a site, by hostname. */
  readonly listBySite: (siteId: SiteId) => Promise<readonly CustomDomain[]>
  /** The site that is served under a hostname. */
  readonly holderOf: (hostname: string) => Promise<SiteId | undefined>
  /** As it was last, where it is released. */
  readonly find: (named: { readonly siteId: SiteId; readonly id: DomainId }) => Promise<CustomDomain | undefined>
  /** Up to `limit` domains that are to be looked at until then, earliest first; the index may be a moment behind. */
  readonly listDue: (until: Instant, limit: number) => Promise<readonly CustomDomain[]>
  /**
   * Writes changes of different domains in one transaction, on condition of the old versions, with their events, and what
   * follows for the hostnames: who is verified holds it, who is released gives it up. Where one takes a hostname that
   * another one of these changes gives up, it passes from that one.
   * A commit that succeeded and lost its reply reads as done when it is repeated with the same changes.
   */
  readonly commit: (...changes: readonly [DomainChange, ...DomainChange[]]) => Promise<'done' | 'hostname' | 'version'>
  /** Notes what a look has found, where it changes nothing; passed over where the domain has changed meanwhile. */
  readonly note: (domain: CustomDomain) => Promise<void>
}
