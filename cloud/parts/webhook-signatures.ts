import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import { createWebhookSignatures } from '../../adapters/stripe/webhook-signatures.ts'
import type { WebhookSignatures } from '../../lambdas/billing/receive-stripe-event.ts'
import type { CloudContext } from '../context.ts'

/**
 * Checks Stripe's events with the secrets that are in Secrets Manager now, separated by commas: an operator who rolls one puts
 * the new one beside the old one, without a restart of any function. Each call may read them again.
 * @throws {Error} if there is no secret of an endpoint yet; so does each call.
 */
export const openWebhookSignatures = async (
  { variable, clocks }: Pick<CloudContext, 'clocks' | 'variable'>,
  secrets: Pick<Secrets, 'valueOf'>,
): Promise<() => Promise<WebhookSignatures>> => {
  let made: { readonly text: string; readonly signatures: WebhookSignatures } | undefined
  const current = async (): Promise<WebhookSignatures> => {
    const text = await secrets.valueOf(variable('STRIPE_WEBHOOK_SECRET'))
    if (made?.text !== text) {
      const all = text.split(',').map((secret) => secret.trim())
      made = { text, signatures: createWebhookSignatures({ secrets: all, clock: clocks.wall }) }
    }
    return made.signatures
  }
  await current()
  return current
}
