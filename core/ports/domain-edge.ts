/** Where custom domains have to lead. */
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
