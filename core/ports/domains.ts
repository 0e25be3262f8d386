import type { CustomDomain } from '../domains/custom-domain.ts'
import type { DomainChange } from '../domains/domain-change.ts'
import type { DomainId, SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'

/**
 * What is known of a name: its values, none of them where the name or the type certainly does not exist. Undefined where
 * nobody could say, as when servers fail or are slow: never to be taken for a record that is gone.
 */
export type DnsAnswer = readonly string[] | undefined

/** Looks names up. Nothing here throws for what a server answers, or does not. */
export interface Dns {
  /** The texts of a name, the parts of each put together. */
  readonly txt: (name: string) => Promise<DnsAnswer>
  /** The name that a name is an alias of: one hop, lower case, without a trailing dot. */
  readonly cname: (name: string) => Promise<DnsAnswer>
  /** IPv4 and IPv6 addresses, whatever aliases are on the way. */
  readonly addresses: (name: string) => Promise<DnsAnswer>
}

/** Where custom domains have to lead, and what serves them there. */
export interface DomainEdge {
  /** The name that the record for traffic has to lead to, of the site's own hostname. */
  readonly targetOf: (hostname: string) => string
  /**
   * Whether addresses that a domain has are ours, where it is no alias by CNAME; undefined where nobody could say.
   * @param target as `targetOf` says.
   */
  readonly isReachedBy: (addresses: readonly string[], target: string) => Promise<boolean | undefined>
}

/** What serves custom domains at the edge, certificate and all. */
export interface DomainTenants {
  /**
   * Sees to it that a verified domain is served, certificate and all; to be repeated until it answers `true`.
   * @throws {SitewrightError} `Unavailable`.
   */
  readonly serve: (hostname: string) => Promise<boolean>
  /**
   * Takes away what serves a domain that nobody has any more. What is gone stays gone.
   * @throws {SitewrightError} `Unavailable`; to be repeated then.
   */
  readonly withdraw: (hostname: string) => Promise<void>
}

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

/** What the Public Suffix List says of a hostname. */
export interface RegistrableDomains {
  /**
   * The domain that somebody registered: `example.co.uk` of `a.example.co.uk`. Undefined of a public suffix itself, such as
   * `co.uk` or `github.io`.
   */
  readonly of: (hostname: string) => Promise<string | undefined>
}
