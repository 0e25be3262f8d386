import type { DomainId, SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { CustomDomain, DomainChange } from './custom-domain.ts'

/**
 * The values of a name; empty if the name or the type certainly does not exist. Undefined if DNS could not answer:
 * never treat that as a missing record.
 */
export type DnsAnswer = readonly string[] | undefined

/** Never throws for what a server answers. */
export interface Dns {
  /** Each value with its parts joined. */
  readonly txt: (name: string) => Promise<DnsAnswer>
  /** One hop, lower case, without a trailing dot. */
  readonly cname: (name: string) => Promise<DnsAnswer>
  /** IPv4 and IPv6, through all aliases. */
  readonly addresses: (name: string) => Promise<DnsAnswer>
}

export interface DomainEdge {
  /** The name that a site's domains point to. */
  readonly targetOf: (hostname: string) => string
  /** The value of the TXT record that CloudFront asks for at the apex of a zone, where it sees no CNAME. */
  readonly challenge?: string
  /**
   * Whether a domain's addresses are ours; undefined if unknown. For domains without a CNAME.
   * @param target from `targetOf`.
   */
  readonly isReachedBy: (addresses: readonly string[], target: string) => Promise<boolean | undefined>
}

/** Asks a domain itself whether its requests reach us: its DNS does not say so behind the proxy of a CDN. */
export interface DomainReach {
  /**
   * `right` if every server that gives a clear answer passes requests on to us, `wrong` if another server answers or an address
   * is not public, `unknown` if nobody answers, or with a challenge or an error.
   * @param addresses of the domain; no other is asked.
   */
  readonly ask: (hostname: string, addresses: readonly string[]) => Promise<'right' | 'wrong' | 'unknown'>
}

/** What serves custom domains at the edge, certificate and all. */
export interface DomainTenants {
  /**
   * Serves a verified domain with a certificate; repeat while it `waits`. `refused`: its certificate failed.
   * @param options.retries requests another certificate after one that failed.
   * @throws {SitewrightError} `Unavailable`.
   */
  readonly serve: (hostname: string, options?: { readonly retries: boolean }) => Promise<'served' | 'waits' | 'refused'>
  /** Stops serving a domain. Idempotent. @throws {SitewrightError} `Unavailable`: repeat. */
  readonly withdraw: (hostname: string) => Promise<void>
  /** The hostnames that are served, or were not quite withdrawn. @throws {SitewrightError} `Unavailable`. */
  readonly list: () => Promise<readonly string[]>
}

/** Looks up the Public Suffix List. */
export interface RegistrableDomains {
  /** `example.co.uk` of `a.example.co.uk`; undefined for a public suffix such as `co.uk` or `github.io`. */
  readonly of: (hostname: string) => Promise<string | undefined>
}

export interface DomainStore {
  /** Strongly consistent, as are the next three. */
  readonly get: (siteId: SiteId, hostname: string) => Promise<CustomDomain | undefined>
  readonly listBySite: (siteId: SiteId) => Promise<readonly CustomDomain[]>
  /** The site that is served under a hostname. */
  readonly holderOf: (hostname: string) => Promise<SiteId | undefined>
  /** Also finds a released domain. */
  readonly find: (named: { readonly siteId: SiteId; readonly id: DomainId }) => Promise<CustomDomain | undefined>
  /** Up to `limit` domains to check by then, earliest first; the index may be behind. Also those due more than two days later, which a clock that was ahead has dated. */
  readonly listDue: (until: Instant, limit: number) => Promise<readonly CustomDomain[]>
  /**
   * Writes changes of different domains with their events in one transaction, on condition of the old versions. A
   * verified domain takes its hostname, a released one gives it up; both can be in one call. A repeated commit that had
   * succeeded returns `done`.
   */
  readonly commit: (...changes: readonly [DomainChange, ...DomainChange[]]) => Promise<'done' | 'hostname' | 'version'>
  /** Stores a check that changed nothing, unless the domain has changed. */
  readonly note: (domain: CustomDomain) => Promise<void>
}
