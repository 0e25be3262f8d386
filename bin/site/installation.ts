import { join } from 'node:path'
import { KMSClient } from '@aws-sdk/client-kms'
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createSiteSecrets } from '../../adapters/derived-secrets/derive-secret.ts'
import { createSealedSecrets } from '../../adapters/derived-secrets/sealed-secrets.ts'
import { openArchiveDirectory } from '../../adapters/files/archive-store.ts'
import { createKmsSealedSecrets } from '../../adapters/kms/kms-sealed-secrets.ts'
import { createArchiveBucket } from '../../adapters/s3/archive-store.ts'
import { createSecrets } from '../../adapters/secrets-manager/secrets.ts'
import { namesOf } from '../../cloud/names.ts'
import type { ArchiveStore } from '../../core/ports/archives.ts'
import type { SiteSecrets } from '../../core/ports/runtime.ts'
import type { SecretOpener } from '../../lambdas/configuration/configuration.ts'
import type { FunctionName } from '../../lambdas/manifest.ts'
import { findHome } from '../../local/home/open-home.ts'
import { readSecrets } from '../../local/secrets.ts'

/** What a bundle needs of an installation that no API gives: who has it may read the home, or the stage's bucket and keys. */
export interface Installation {
  readonly archives: ArchiveStore
  readonly secrets: SiteSecrets
  readonly secretOpener: SecretOpener
}

/** The home of a host, which may run. @throws {Error} if there is none. */
export const openMachine = async (environment: NodeJS.ProcessEnv): Promise<Installation> => {
  const directory = await findHome(environment)
  const secrets = await readSecrets({ directory, directories: { database: join(directory, 'database') } })
  return {
    archives: await openArchiveDirectory(join(directory, 'archives'), { isShared: true }),
    secrets: createSiteSecrets(secrets),
    secretOpener: createSealedSecrets(secrets),
  }
}

/** The variables of a deployed function name what it uses. */
const variablesOf = async (client: LambdaClient, functionName: string): Promise<Record<string, string>> => {
  const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }))
  return found.Environment?.Variables ?? {}
}

/** A deployment, by the credentials of whoever calls. */
export const openStage = async (stage: string, region: string | undefined): Promise<Installation> => {
  const settings = region === undefined ? {} : { region }
  const names = namesOf(stage)
  const functions = new LambdaClient(settings)
  const read = (name: FunctionName) => variablesOf(functions, names.function(name))
  const [starting, clearing] = await Promise.all([read('start-site'), read('clear-leftovers')])
  const { PARAMETER_KEY: keyId, SITE_SECRET: siteSecret } = starting
  const { ARCHIVE_BUCKET: bucket } = clearing
  if (keyId === undefined || siteSecret === undefined || bucket === undefined) {
    throw new Error(`The functions of stage '${stage}' do not say what they use: deploy this version first.`)
  }
  const secrets = createSecrets({ client: new SecretsManagerClient(settings) })
  return {
    archives: createArchiveBucket({ client: new S3Client(settings), bucket }),
    secrets: createSiteSecrets({ siteSecretKey: await secrets.valueOf(siteSecret) }),
    secretOpener: createKmsSealedSecrets({ client: new KMSClient(settings), keyId }),
  }
}
