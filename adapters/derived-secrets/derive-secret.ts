import { hkdfSync } from 'node:crypto'
import type { SiteSecrets } from '../../core/ports/runtime.ts'

/**
 * 256 bits as base64url by HKDF with SHA-256 (RFC 5869). The same key and purpose always give the same value, so nothing has
 * to be stored.
 * @param key at least 43 characters of base64url, which is where letters and digits alone have 256 bits.
 * @throws {Error} where it is shorter, or holds other characters: decoding would pass over these, and leave a weaker key.
 */
export const deriveSecret = (key: string, purpose: string): string => {
  if (!/^[\w-]{43,}$/.test(key))
    throw new Error('the key of derived secrets has to be 43 or more characters of base64url')
  return Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64url'), '', purpose, 32)).toString('base64url')
}

/** The keys of proof-of-work challenges, derived so that installations of earlier versions have them too. */
export const proofSecrets = ({ codePepper }: { readonly codePepper: string }) => ({
  signatureSecret: deriveSecret(codePepper, 'sitewright proof of work: signature'),
  keySecret: deriveSecret(codePepper, 'sitewright proof of work: key'),
})

/** Derives each value (256 bits as base64url) from one key, so nothing has to be stored and it never changes. */
export const createSiteSecrets = ({ siteSecretKey }: { readonly siteSecretKey: string }): SiteSecrets => ({
  valueOf: async (siteId, name) => deriveSecret(siteSecretKey, `sitewright site secret\n${siteId}\n${name}`),
})
