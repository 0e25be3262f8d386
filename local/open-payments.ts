import { createStripeClient, modeOfKey } from '../adapters/stripe/client.ts'
import { createStripePayments } from '../adapters/stripe/stripe-payments.ts'
import { createWebhookSignatures } from '../adapters/stripe/webhook-signatures.ts'
import { SitewrightError } from '../core/errors.ts'
import type { Instant } from '../core/instant.ts'
import type { PlanCatalogue } from '../core/plan/plan.ts'
import type { Log } from '../core/ports/context.ts'
import type { Payments } from '../core/ports/payments.ts'
import type { WebhookSignatures } from '../lambdas/billing/receive-stripe-event.ts'
import type { StripeAccess } from './stripe-access.ts'

/** The payment provider, and how its webhooks are checked. */
export interface OpenPayments {
  readonly payments: Payments
  readonly paymentsAreLive: boolean
  readonly webhookSignatures: () => Promise<WebhookSignatures>
}

const unavailable = (): SitewrightError =>
  new SitewrightError('Unavailable', 'Payments are not set up here. Write to us to choose a plan.', {
    retryAfterSeconds: 3600,
  })
const fails = (): Promise<never> => Promise.reject(unavailable())

/** Payments of a public host without a Stripe key: nobody can buy, and no webhook is trusted. */
const withoutPayments: OpenPayments = {
  payments: {
    openCustomer: fails,
    hasCustomer: fails,
    redactCustomer: fails,
    openCheckout: fails,
    findCheckout: fails,
    expireCheckout: fails,
    openPortal: fails,
    getSubscription: fails,
    subscriptionsOf: fails,
    customerOfDispute: fails,
    pricesThatDiffer: fails,
    listSubscriptions: async function* () {
      yield await fails()
    },
    previewPrice: fails,
    changePrice: fails,
    setCancelAtPeriodEnd: fails,
    cancel: fails,
    refund: fails,
    refundedOf: fails,
    lastInvoice: fails,
    patiently: (work) => work(),
  },
  paymentsAreLive: false,
  webhookSignatures: () => Promise.reject(new SitewrightError('WebhookRefused', 'Payments are not set up here.')),
}

/** Opens payments by Stripe or by the stand-in; undefined access means neither. */
export const openPayments = (
  access: StripeAccess | undefined,
  {
    installation,
    catalogue,
    wall,
    log,
  }: {
    readonly installation: string
    readonly catalogue: Pick<PlanCatalogue, 'plans'>
    readonly wall: () => Instant
    readonly log: Log
  },
): OpenPayments => {
  if (access === undefined) return withoutPayments
  const { secretKey, apiBase, webhookSecrets, tax } = access
  const signatures = createWebhookSignatures({ secrets: webhookSecrets, clock: wall })
  return {
    payments: createStripePayments({
      stripe: createStripeClient({ secretKey, apiBase }),
      installation,
      catalogue,
      log,
      tax,
    }),
    paymentsAreLive: modeOfKey(secretKey) === 'live',
    webhookSignatures: async () => signatures,
  }
}
