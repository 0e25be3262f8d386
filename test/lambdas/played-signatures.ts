import { SitewrightError } from '../../core/errors.ts'
import { paymentNoticeSchema } from '../../lambdas/billing/payment-notice.ts'
import type { WebhookSignatures } from '../../lambdas/billing/ports.ts'

/** Takes the body for a notice of ours where it says that it is signed. What Stripe's own are is the adapter's to know. */
export const playedSignatures: WebhookSignatures = {
  verify: (body, header) => {
    if (header !== `signed ${body.byteLength}`) throw new SitewrightError('WebhookRefused', 'This is not signed.')
    return paymentNoticeSchema.parse(JSON.parse(new TextDecoder().decode(body)))
  },
}
