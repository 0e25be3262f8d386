import { KMSClient } from '@aws-sdk/client-kms'
import { createSiteSecrets } from '../../adapters/derived-secrets/site-secrets.ts'
import { createKmsRootSigner } from '../../adapters/kms/kms-root-signer.ts'
import { clientSettings } from './client-settings.ts'
import { openSecrets } from './secrets.ts'

interface LaunchingEnvironment {
  readonly SITE_SECRET: string
  readonly ENTITLEMENT_KEY: string
}

/** What a launch hands to a site: secrets of its own, and the key that it believes. */
export const openLaunching = async ({ SITE_SECRET, ENTITLEMENT_KEY }: LaunchingEnvironment) => {
  const root = createKmsRootSigner({ client: new KMSClient(clientSettings), keyId: ENTITLEMENT_KEY })
  const [siteSecretKey, rootPublicKey] = await Promise.all([openSecrets().valueOf(SITE_SECRET), root.publicKey()])
  return { secrets: createSiteSecrets({ siteSecretKey }), rootPublicKey }
}
