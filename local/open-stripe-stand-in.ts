import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { openStripeStandIn, type StripeStandIn } from '#stripe-stand-in'
import { deriveSecret } from '../adapters/derived-secrets/derive-secret.ts'
import { createStripeClient } from '../adapters/stripe/client.ts'
import { planSync } from '../adapters/stripe/sync/sync-catalogue.ts'
import type { Config } from '../core/config/config.ts'
import type { Clocks, Log } from '../core/ports/context.ts'
import { paymentNoticeTypes } from '../lambdas/billing/receive-stripe-event.ts'
import type { HostSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import type { StripeAccess } from './stripe-access.ts'

/** The path of the stand-in for Stripe. */
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

export interface HostStripe extends StripeStandIn {
  /** Syncs the catalogue, as `stripe:sync` does for a Stripe account. Before the host serves: nobody finds a plan without a price. */
  readonly fill: () => Promise<void>
}

/** The stand-in for Stripe of a one-machine host, kept in its home. */
const openStripeOnHost = ({
  home,
  access,
  config,
  consoleUrl,
  clocks,
  log,
}: {
  readonly home: { readonly directory: string; readonly id: string }
  /** How this host itself calls the stand-in. */
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

/** The Stripe that this host calls: the configured one, or a stand-in on a host that is not public. */
export const chooseStripe = ({
  settings,
  secrets,
  ...options
}: Omit<Parameters<typeof openStripeOnHost>[0], 'access' | 'consoleUrl'> & {
  readonly settings: Settings
  readonly secrets: Pick<HostSecrets, 'codePepper'>
}): { readonly access: StripeAccess | undefined; readonly standIn: HostStripe | undefined } => {
  if (settings.stripe !== undefined || settings.isPublic) return { access: settings.stripe, standIn: undefined }
  const access = standInAccess(secrets, settings)
  return { access, standIn: openStripeOnHost({ ...options, access, consoleUrl: settings.consoleUrl }) }
}
