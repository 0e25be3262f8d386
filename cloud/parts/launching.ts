import { KMSClient } from '@aws-sdk/client-kms'
import { createSiteSecrets } from '../../adapters/derived-secrets/derive-secret.ts'
import { createKmsRootSigner } from '../../adapters/kms/kms-root-signer.ts'
import { clientSettings } from './client-settings.ts'
import type { RunningSitesEnvironment } from './running-sites.ts'
import { openRunningSites } from './running-sites.ts'
import { openSecrets } from './secrets.ts'

type LaunchingEnvironment = RunningSitesEnvironment & {
  readonly SITE_SECRET: string
  readonly ENTITLEMENT_KEY: string
}

/** What functions have that start sites, or may have to: besides, what a launch hands over, secrets of its own and the key that it believes. */
export const openLaunching = async (environment: LaunchingEnvironment) => {
  const { SITE_SECRET, ENTITLEMENT_KEY } = environment
  const root = createKmsRootSigner({ client: new KMSClient(clientSettings), keyId: ENTITLEMENT_KEY })
  const [siteSecretKey, rootPublicKey] = await Promise.all([openSecrets().valueOf(SITE_SECRET), root.publicKey()])
  return { ...openRunningSites(environment), secrets: createSiteSecrets({ siteSecretKey }), rootPublicKey }
}
