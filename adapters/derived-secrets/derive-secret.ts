import { hkdfSync, timingSafeEqual } from 'node:crypto'
import type { SiteSecrets } from '../../core/ports/runtime.ts'
import type { WebhookSecrets } from '../../lambdas/webhooks/webhook.ts'

/**
 * Derives 256 bits as base64url by HKDF with SHA-256 (RFC 5869): the same for the same key and purpose, so nothing is stored.
 * @param key 43 or more characters of base64url: letters and digits alone then have 256 bits.
 * @throws {Error} for any other key: decoding would skip foreign characters, and leave a weaker key.
 */
export const deriveSecret = (key: string, purpose: string): string => {
  if (!/^[\w-]{43,}$/.test(key))
    throw new Error('the key of derived secrets has to be 43 or more characters of base64url')
  return Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64url'), '', purpose, 32)).toString('base64url')
}

/** Compares in a time that tells nothing of where they differ. */
export const isSame = (given: Buffer, expected: Buffer): boolean =>
  given.length === expected.length && timingSafeEqual(given, expected)

/** The keys of proof-of-work challenges. */
export const proofSecrets = ({ codePepper }: { readonly codePepper: string }) => ({
  signatureSecret: deriveSecret(codePepper, 'sitewright proof of work: signature'),
  keySecret: deriveSecret(codePepper, 'sitewright proof of work: key'),
})

/** Derives each value (256 bits as base64url) from one key, so nothing has to be stored and it never changes. */
export const createSiteSecrets = ({ siteSecretKey }: { readonly siteSecretKey: string }): SiteSecrets => ({
  valueOf: async (siteId, name) => deriveSecret(siteSecretKey, `sitewright site secret\n${siteId}\n${name}`),
})

/** The key of webhook secrets on one machine. */
export const webhookKeyOf = ({ siteSecretKey }: { readonly siteSecretKey: string }): string =>
  deriveSecret(siteSecretKey, 'sitewright webhooks')

/** Derives each secret in the form of Standard Webhooks: `whsec_` and base64. */
export const createWebhookSecrets = (key: string): WebhookSecrets => ({
  valueOf: async (endpointId, number) => {
    const secret = deriveSecret(key, `sitewright webhook secret\n${endpointId}\n${number}`)
    return `whsec_${Buffer.from(secret, 'base64url').toString('base64')}`
  },
})
