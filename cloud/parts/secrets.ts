import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import { createSecrets } from '../../adapters/secrets-manager/secrets.ts'
import { clientSettings } from './client-settings.ts'

export const openSecrets = (): Secrets => createSecrets({ client: new SecretsManagerClient(clientSettings) })
