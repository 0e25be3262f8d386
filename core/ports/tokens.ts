import type { Entitlement } from '../entitlement/entitlement.ts'
import type { OperatorRole } from '../events/event.ts'
import type { SiteId } from '../ids.ts'

export interface EntitlementSigner {
  /** A compact JWS for this site, valid for at most a minute. */
  readonly sign: (siteId: SiteId, entitlement: Entitlement) => Promise<string>
}

/** By the subject of their token. */
export interface Operator {
  readonly operatorId: string
  readonly role: OperatorRole
}

export interface OperatorTokens {
  /**
   * Undefined for an invalid token or one without our roles.
   * @throws {SitewrightError} `Unavailable` if the provider's keys cannot be read.
   */
  readonly verify: (token: string) => Promise<Operator | undefined>
}
