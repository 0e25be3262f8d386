import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import { createStripeClient, modeOfKey } from '../../adapters/stripe/client.ts'
import { createStripePayments } from '../../adapters/stripe/stripe-payments.ts'
import { createWebhookSignatures } from '../../adapters/stripe/webhook-signatures.ts'
import { SitewrightError } from '../../core/errors.ts'
import { type Payments, WithoutPayments } from '../../core/ports/payments.ts'
import type { WebhookSignatures } from '../../lambdas/billing/ports.ts'
import type { CloudContext } from '../context.ts'

interface PaymentsContext extends Pick<CloudContext, 'log' | 'payments' | 'plans' | 'variable'> {
  readonly names: Pick<CloudContext['names'], 'installation'>
}

/** What the data stack generates until an operator puts a key in, which has underscores. */
const isGenerated = (secret: string): boolean => /^[0-9A-Za-z]{43}$/.test(secret)

/** A rolled key is read within minutes; a missing one blocks payments only. */
const openOnDemand = (
  { names, log, payments: { mode, tax }, plans, variable }: PaymentsContext,
  secrets: Pick<Secrets, 'valueOf'>,
) => {
  let made: { readonly key: string; readonly payments: Payments } | undefined

  const paymentsWith = (key: string): Payments => {
    if (modeOfKey(key) !== mode) throw new Error(`the stage is for Stripe's ${mode} mode, and its key is not`)
    return createStripePayments({
      stripe: createStripeClient({ secretKey: key }),
      installation: names.installation,
      catalogue: plans,
      log,
      tax,
    })
  }
  return async (): Promise<Payments> => {
    try {
      const key = await secrets.valueOf(variable('STRIPE_SECRET'))
      if (isGenerated(key)) throw new WithoutPayments()
      if (made?.key !== key) made = { key, payments: paymentsWith(key) }
      return made.payments
    } catch (error) {
      if (error instanceof WithoutPayments) throw error
      log.error(
        { event: 'stripe-key-unusable', err: error },
        'there is no key of Stripe that works: see docs/deploy.md',
      )
      throw new SitewrightError('Unavailable', 'Payments are not available at the moment. Try again later.', {
        retryAfterSeconds: 60,
        cause: error,
      })
    }
  }
}

/** Stripe, as the stage's secret opens it: asked for with the first call, and again once in a while. */
export const openPayments = (context: PaymentsContext, secrets: Pick<Secrets, 'valueOf'>): Payments => {
  const open = openOnDemand(context, secrets)
  return {
    openCustomer: async (account) => (await open()).openCustomer(account),
    hasCustomer: async (customerId) => (await open()).hasCustomer(customerId),
    redactCustomer: async (customerId) => (await open()).redactCustomer(customerId),
    openCheckout: async (order) => (await open()).openCheckout(order),
    findCheckout: async (id) => (await open()).findCheckout(id),
    expireCheckout: async (id) => (await open()).expireCheckout(id),
    openPortal: async (visit) => (await open()).openPortal(visit),
    getSubscription: async (id) => (await open()).getSubscription(id),
    subscriptionsOf: async (customerId) => (await open()).subscriptionsOf(customerId),
    customerOfDispute: async (disputeId) => (await open()).customerOfDispute(disputeId),
    pricesThatDiffer: async () => (await open()).pricesThatDiffer(),
    listSubscriptions: async function* () {
      yield* (await open()).listSubscriptions()
    },
    previewPrice: async (change) => (await open()).previewPrice(change),
    changePrice: async (change) => (await open()).changePrice(change),
    setCancelAtPeriodEnd: async (id, cancels) => (await open()).setCancelAtPeriodEnd(id, cancels),
    setCollection: async (id, collects) => (await open()).setCollection(id, collects),
    cancel: async (id) => (await open()).cancel(id),
    refund: async (id) => (await open()).refund(id),
    refundedOf: async (id, since) => (await open()).refundedOf(id, since),
    lastInvoice: async (id) => (await open()).lastInvoice(id),
    patiently: async (work) => (await open()).patiently(work),
  }
}

/**
 * Checks Stripe's events with the secrets that are in Secrets Manager now, separated by commas: an operator who rolls one puts
 * the new one beside the old one, without a restart of any function. Each call may read them again.
 * @throws {Error} if there is no secret of an endpoint yet; so does each call.
 */
export const openWebhookSignatures = async (
  { variable, clocks }: Pick<CloudContext, 'clocks' | 'variable'>,
  secrets: Pick<Secrets, 'valueOf'>,
): Promise<() => Promise<WebhookSignatures>> => {
  let made: { readonly text: string; readonly signatures: WebhookSignatures } | undefined
  const current = async (): Promise<WebhookSignatures> => {
    const text = await secrets.valueOf(variable('STRIPE_WEBHOOK_SECRET'))
    if (made?.text !== text) {
      const all = text.split(',').map((secret) => secret.trim())
      made = { text, signatures: createWebhookSignatures({ secrets: all, clock: clocks.wall }) }
    }
    return made.signatures
  }
  await current()
  return current
}
