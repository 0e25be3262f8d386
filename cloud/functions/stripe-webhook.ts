import { createPaymentNotices } from '../../adapters/dynamodb/payment-records.ts'
import { create } from '../../lambdas/webhooks/stripe-webhook.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openOriginSecrets } from '../parts/origin-secrets.ts'
import { openSecrets } from '../parts/secrets.ts'
import { openTables, writing } from '../parts/tables.ts'
import { openWebhookSignatures } from '../parts/webhook-signatures.ts'

export const handler = deployedFunction(environments['stripe-webhook'], async (environment) => {
  const deployment = deploymentOf(environment)
  const { webhookSignatures, refresh } = openWebhookSignatures(environment, deployment.clocks.wall)
  const originSecrets = openOriginSecrets(environment, { ...deployment, secrets: openSecrets() })
  await Promise.all([originSecrets(), refresh()])
  const handle = create({
    ...deployment,
    paymentNotices: createPaymentNotices(writing(openTables(environment), deployment.policies)),
    paymentsAreLive: deployment.payments.mode === 'live',
    webhookSignatures,
    originSecrets,
  })
  return async (...call: Parameters<typeof handle>) => {
    await refresh()
    return handle(...call)
  }
})
