import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { openStripeStandIn, type StripeStandIn } from '#stripe-stand-in'
import { deriveSecret } from '../adapters/derived-secrets/derive-secret.ts'
import { createStripeClient, modeOfKey } from '../adapters/stripe/client.ts'
import { createStripePayments } from '../adapters/stripe/stripe-payments.ts'
import { planSync } from '../adapters/stripe/sync/sync-catalogue.ts'
import { createWebhookSignatures } from '../adapters/stripe/webhook-signatures.ts'
import type { Config } from '../core/config/config.ts'
import { SitewrightError } from '../core/errors.ts'
import type { Instant } from '../core/instant.ts'
import type { PlanCatalogue } from '../core/plan/plan.ts'
import type { Clocks, Log } from '../core/ports/context.ts'
import { type Payments, WithoutPayments } from '../core/ports/payments.ts'
import { paymentNoticeTypes } from '../lambdas/billing/payment-notice.ts'
import type { WebhookSignatures } from '../lambdas/billing/ports.ts'
import type { HostSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import type { StripeAccess } from './stripe-access.ts'

/** The payment provider, and how its webhooks are checked. */
interface OpenPayments {
  readonly payments: Payments
  readonly paymentsAreLive: boolean
  readonly webhookSignatures: () => Promise<WebhookSignatures>
}

const fails = (): Promise<never> => Promise.reject(new WithoutPayments())

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
    setCollection: fails,
    cancel: fails,
    refund: fails,
    refundedOf: fails,
    lastInvoice: fails,
    patiently: (work) => work(),
  },
  paymentsAreLive: false,
  webhookSignatures: () => Promise.reject(new SitewrightError('WebhookRefused', 'Payments are not set up here.')),
}

interface PaymentsOptions {
  readonly installation: string
  readonly catalogue: Pick<PlanCatalogue, 'plans'>
  readonly wall: () => Instant
  readonly log: Log
}

/** Opens payments by Stripe or by the stand-in; undefined access means neither. */
export const openPayments = (
  access: StripeAccess | undefined,
  { installation, catalogue, wall, log }: PaymentsOptions,
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

export const standInPath = '/_local/stripe'

/** The address of this host. */
const hereAt = ({ listen, port }: Pick<Settings, 'listen' | 'port'>): string =>
  `http://${listen.includes(':') ? '[::1]' : '127.0.0.1'}:${port}`

/** The stand-in's keys in Stripe's format. They are derived, so they survive a restart without storage. */
export const standInAccess = (
  { codePepper }: Pick<HostSecrets, 'codePepper'>,
  settings: Pick<Settings, 'listen' | 'port'>,
): StripeAccess => ({
  secretKey: `sk_test_${deriveSecret(codePepper, 'sitewright stand-in for Stripe: key').replaceAll('-', '_')}`,
  webhookSecrets: [`whsec_${deriveSecret(codePepper, 'sitewright stand-in for Stripe: webhook')}`],
  apiBase: `${hereAt(settings)}${standInPath}`,
  tax: 'none',
})

interface HostStripe extends StripeStandIn {
  /** Syncs the catalogue, as `stripe:sync` does for a Stripe account. Before the host serves: nobody finds a plan without a price. */
  readonly fill: () => Promise<void>
}

interface StripeOnHostOptions {
  readonly home: { readonly directory: string; readonly id: string }
  /** How this host itself calls the stand-in. */
  readonly access: StripeAccess
  readonly config: Pick<Config, 'brand' | 'plans'>
  readonly consoleUrl: string
  readonly clocks: Clocks
  readonly log: Log
}

/** The stand-in for Stripe of a one-machine host, kept in its home. */
const openStripeOnHost = ({ home, access, config, consoleUrl, clocks, log }: StripeOnHostOptions): HostStripe => {
  const { secretKey, apiBase, webhookSecrets } = access
  const [secret] = webhookSecrets
  const standIn = openStripeStandIn({
    path: join(home.directory, 'stripe.sqlite'),
    clocks,
    // The stand-in's log has no event codes of ours.
    log: {
      info: (fields, message) => log.info({ ...fields }, message),
      warn: (fields, message) => log.warn({ ...fields }, message),
      error: (fields, message) => log.error({ ...fields }, message),
    },
    address: `${consoleUrl}${standInPath}`,
    secretKey,
    endpoint: { url: new URL('/v1/webhooks/stripe', apiBase ?? consoleUrl).href, secret, events: paymentNoticeTypes },
  })
  return {
    ...standIn,
    fill: async () => {
      // The host does not serve yet.
      const server = createServer((request, response) => {
        standIn.serve(request, response).catch(() => response.destroy())
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      try {
        const address = server.address()
        if (address === null || typeof address === 'string') throw new Error('a server that listens has a port')
        const stripe = createStripeClient({ secretKey, apiBase: `http://127.0.0.1:${address.port}${standInPath}` })
        const given = { stripe, installation: home.id, plans: config.plans, brand: config.brand }
        const { apply } = await planSync(given)
        await apply()
      } finally {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

interface StripeChoice extends Omit<Parameters<typeof openStripeOnHost>[0], 'access' | 'consoleUrl'> {
  readonly settings: Settings
  readonly secrets: Pick<HostSecrets, 'codePepper'>
}

/** The Stripe that this host calls: the configured one, or a stand-in on a host that is not public. */
export const chooseStripe = ({
  settings,
  secrets,
  ...options
}: StripeChoice): { readonly access: StripeAccess | undefined; readonly standIn: HostStripe | undefined } => {
  if (settings.stripe !== undefined || settings.isPublic) return { access: settings.stripe, standIn: undefined }
  const access = standInAccess(secrets, settings)
  return { access, standIn: openStripeOnHost({ ...options, access, consoleUrl: settings.consoleUrl }) }
}
