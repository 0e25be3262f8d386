import { createSealedSecrets } from '../../adapters/derived-secrets/sealed-secrets.ts'
import type { SecretPorts } from '../../lambdas/configuration/read-configuration.ts'

export const sealedSecrets = createSealedSecrets({ siteSecretKey: 'A'.repeat(43) })

/** Secrets of sites for which nobody has set any. @param generate makes the generated ones. */
export const plainSecrets = (generate: SecretPorts['secrets']['valueOf'] = async () => 'a-secret'): SecretPorts => ({
  secrets: { valueOf: generate },
  secretOpener: sealedSecrets,
  configurations: { read: async () => undefined, list: async () => [], readGenerated: async () => undefined },
})
