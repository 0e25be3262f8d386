import type { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import type { Payments } from '../../core/ports/payments.ts'
import { isOurs } from './ours.ts'
import type { StripeWorld } from './stripe-world.ts'

/**
 * With our own configuration: the account's default one may let owners change plans, whose limits Stripe cannot know.
 */
export const createPortal = ({ stripe, installation, asking, log }: StripeWorld): Pick<Payments, 'openPortal'> => {
  const findConfiguration = async (): Promise<Stripe.BillingPortal.Configuration | undefined> => {
    for await (const configuration of stripe.billingPortal.configurations.list({ active: true, limit: 100 })) {
      if (isOurs(installation, configuration.metadata)) return configuration
    }
    return undefined
  }
  return {
    openPortal: ({ customerId, returnUrl }) =>
      asking('open the customer portal', async () => {
        const configuration = await findConfiguration()
        if (configuration === undefined) {
          log.error({}, 'Stripe has no portal configuration of this installation: run stripe:sync')
          throw new SitewrightError('Unavailable', 'Payments cannot be managed at the moment. Try again later.', {
            retryAfterSeconds: 60,
          })
        }
        const { url } = await stripe.billingPortal.sessions.create({
          customer: customerId,
          return_url: returnUrl,
          configuration: configuration.id,
        })
        return { url }
      }),
  }
}
