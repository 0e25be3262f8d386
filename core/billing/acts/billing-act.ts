import type { ChangeAccountPorts } from '../../account/change-account.ts'
import type { Payments } from '../../ports/payments.ts'
import type { StorageMeter } from '../../ports/runtime.ts'
import type { AccountStore, SiteStore } from '../../ports/stores.ts'
import type { ConvergePorts } from '../converge-ports.ts'
import type { AdmitPaymentActPorts } from './admit-payment-act.ts'

/** What owners need to buy, and to change what they bought. */
export interface BillingActPorts extends ConvergePorts, ChangeAccountPorts, AdmitPaymentActPorts {
  readonly sites: SiteStore
  readonly accounts: AccountStore
  readonly payments: Payments
  /** What sites store, where that is known at once. */
  readonly meter: StorageMeter
  /** Where Stripe sends owners back to; without a slash at its end. */
  readonly consoleUrl: string
}
