import type { Entitlement } from '../entitlement/entitlement.ts'
import type { SiteId } from '../ids.ts'

/** Makes the signed form of an entitlement. */
export interface EntitlementSigner {
  /** A compact JWS that only this site accepts, for at most a minute. */
  readonly sign: (siteId: SiteId, entitlement: Entitlement) => Promise<string>
}
