import type { SiteSecrets } from '../../core/ports/runtime.ts'
import { deriveSecret } from './derive-secret.ts'

/** Derives each value (256 bits as base64url) from one key, so nothing has to be stored and it never changes. */
export const createSiteSecrets = ({ siteSecretKey }: { readonly siteSecretKey: string }): SiteSecrets => ({
  valueOf: async (siteId, name) => deriveSecret(siteSecretKey, `sitewright site secret\n${siteId}\n${name}`),
})
