import type { CheckoutRecord } from '../billing/checkout-record.ts'
import type { SiteId } from '../ids.ts'

/** The checkouts that were begun, one for each site. */
export interface Checkouts {
  /** Strongly consistent. */
  readonly find: (siteId: SiteId) => Promise<CheckoutRecord | undefined>
  /** Puts a record in the place of the one with the version before; false where there is another one. */
  readonly begin: (record: CheckoutRecord) => Promise<boolean>
  /** Notes the session of this very record; false where another one is in its place. */
  readonly noteSession: (record: CheckoutRecord & { readonly sessionId: string }) => Promise<boolean>
}
