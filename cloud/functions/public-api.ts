import { createProofOfWork } from '../../adapters/altcha/proof-of-work.ts'
import { proofSecrets } from '../../adapters/derived-secrets/derive-secret.ts'
import { createAccountStore } from '../../adapters/dynamodb/account-store.ts'
import { createIdempotencyStore } from '../../adapters/dynamodb/idempotency.ts'
import { createRateWindows } from '../../adapters/dynamodb/rate-windows.ts'
import { createSignupStore } from '../../adapters/dynamodb/signup-store.ts'
import { createSiteStore } from '../../adapters/dynamodb/site-store.ts'
import { create } from '../../lambdas/http/public-api.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { disposableDomainsOf } from '../parts/disposable-domains.ts'
import { openMailer } from '../parts/mailer.ts'
import { openOriginSecrets } from '../parts/origin-secrets.ts'
import { openSecrets } from '../parts/secrets.ts'
import { openTables, writing } from '../parts/tables.ts'

export const handler = deployedFunction(environments['public-api'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const secrets = openSecrets()
  const originSecrets = openOriginSecrets(environment, { ...deployment, secrets })
  // The first request asks for both.
  const [codeSecret] = await Promise.all([secrets.valueOf(environment.CODE_SECRET), originSecrets()])
  const writes = writing(tables, deployment.policies)
  return create({
    ...deployment,
    sites: createSiteStore(writes),
    signups: createSignupStore(writes),
    accounts: createAccountStore(tables),
    idempotency: createIdempotencyStore(tables),
    rateWindows: createRateWindows(tables),
    mailer: openMailer(environment, { ...deployment, tables }),
    codeSecret,
    originSecrets,
    disposableDomains: await disposableDomainsOf(deployment.abuse),
    proofOfWork: createProofOfWork({ ...proofSecrets({ codePepper: codeSecret }), ...deployment.abuse.proofOfWork }),
  })
})
