import { deriveSecret } from '../adapters/derived-secrets/derive-secret.ts'
import type { HostSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import type { StripeAccess } from './stripe-access.ts'

/** Where the stand-in for Stripe answers. */
export const standInPath = '/_local/stripe'

/** How this machine reaches itself, whatever it listens on. */
const hereAt = ({ listen, port }: Pick<Settings, 'listen' | 'port'>): string =>
  `http://${listen.includes(':') ? '[::1]' : '127.0.0.1'}:${port}`

/** Keys for the stand-in, as Stripe's own look: nothing has to be stored, and they are the same after a restart. */
export const standInAccess = (
  { codePepper }: Pick<HostSecrets, 'codePepper'>,
  settings: Pick<Settings, 'listen' | 'port'>,
): StripeAccess => ({
  secretKey: `sk_test_${deriveSecret(codePepper, 'sitewright stand-in for Stripe: key').replaceAll('-', '_')}`,
  webhookSecrets: [`whsec_${deriveSecret(codePepper, 'sitewright stand-in for Stripe: webhook')}`],
  apiBase: `${hereAt(settings)}${standInPath}`,
  tax: 'none',
})
