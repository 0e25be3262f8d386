import { createWebhookSignatures } from '../../adapters/stripe/webhook-signatures.ts'
import type { Instant } from '../../core/instant.ts'
import type { WebhookSignatures } from '../../core/ports/billing.ts'
import { openSecrets } from './secrets.ts'

/**
 * Knows Stripe's events by the secrets that are in Secrets Manager now, with commas between them: whoever rolls one puts the new
 * one beside the old one, and no function has to be started again.
 * @throws {Error} from `refresh`, where there is no secret of an endpoint's yet.
 */
export const openWebhookSignatures = (
  { STRIPE_WEBHOOK_SECRET }: { readonly STRIPE_WEBHOOK_SECRET: string },
  clock: () => Instant,
) => {
  const secrets = openSecrets()
  let text: string | undefined
  let current: WebhookSignatures | undefined

  const webhookSignatures: WebhookSignatures = {
    verify: (body, header) => {
      if (current === undefined) throw new Error("Stripe's webhook was asked before its secrets were read")
      return current.verify(body, header)
    },
  }
  return {
    webhookSignatures,
    /** Before each request; it asks Secrets Manager once in a while. */
    refresh: async (): Promise<void> => {
      const found = await secrets.valueOf(STRIPE_WEBHOOK_SECRET)
      if (found === text) return
      current = createWebhookSignatures({ secrets: found.split(',').map((secret) => secret.trim()), clock })
      text = found
    },
  }
}
