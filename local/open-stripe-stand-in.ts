import { join } from 'node:path'
import type { StripeStandIn } from '#stripe-stand-in'
import { openStripeStandIn } from '#stripe-stand-in'
import { createStripeClient } from '../adapters/stripe/client.ts'
import { planSync } from '../adapters/stripe/sync/sync-catalogue.ts'
import { paymentNoticeTypes } from '../core/billing/payment-notice.ts'
import type { Config } from '../core/config/config.ts'
import type { Clocks, Log } from '../core/ports/context.ts'
import { standInPath } from './stand-in-access.ts'
import type { StripeAccess } from './stripe-access.ts'

export interface HostStripe extends StripeStandIn {
  /** Brings the catalogue there, as `stripe:sync` does for an account; once the host answers. */
  readonly fill: () => Promise<void>
}

/** The stand-in for Stripe of a one-machine host, kept in its home. */
export const openStripeOnHost = ({
  home,
  access,
  config,
  consoleUrl,
  clocks,
  log,
}: {
  readonly home: { readonly directory: string; readonly id: string }
  /** How this host itself reaches it. */
  readonly access: StripeAccess
  readonly config: Pick<Config, 'brand' | 'plans'>
  readonly consoleUrl: string
  readonly clocks: Clocks
  readonly log: Log
}): HostStripe => {
  const { secretKey, apiBase, webhookSecrets } = access
  const [secret] = webhookSecrets
  const standIn = openStripeStandIn({
    path: join(home.directory, 'stripe.sqlite'),
    clocks,
    // It knows none of our event codes.
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
      const stripe = createStripeClient({ secretKey, apiBase })
      const { steps, apply } = await planSync({
        stripe,
        installation: home.id,
        plans: config.plans,
        brand: config.brand,
      })
      await apply()
      if (steps.length > 0) log.info({ steps: steps.length }, 'brought plans and prices to the stand-in for Stripe')
    },
  }
}
