import type { Entitlement } from '../entitlement/entitlement.ts'
import type { OperatorRole } from '../events/event.ts'
import type { SiteId } from '../ids.ts'

/** Makes the signed form of an entitlement. */
export interface EntitlementSigner {
  /** A compact JWS that only this site accepts, for at most a minute. */
  readonly sign: (siteId: SiteId, entitlement: Entitlement) => Promise<string>
}

/** A member of staff, known by the subject of their token. */
export interface Operator {
  readonly operatorId: string
  readonly role: OperatorRole
}

/** Knows the tokens that the operators' identity provider gives out. */
export interface OperatorTokens {
  /**
   * Undefined where the token is not good, or whoever it speaks for has none of our roles.
   * @throws {SitewrightError} `Unavailable` where the provider's keys cannot be had.
   */
  readonly verify: (token: string) => Promise<Operator | undefined>
}
