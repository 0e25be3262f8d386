import type { Stripe } from 'stripe'
import { SitewrightError } from '../../core/errors.ts'
import type { Payments } from '../../core/ports/payments.ts'
import { isOurs, type StripeWorld } from './ours.ts'
import { isMissing, underFreshKey } from './stripe-errors.ts'

/**
 * Looks through the customers of an address first: Stripe forgets an idempotency key after a day. A list is strongly
 * consistent, while a search by metadata is up to an hour behind.
 */
export const createCustomers = ({
  stripe,
  installation,
  asking,
}: StripeWorld): Pick<Payments, 'openCustomer' | 'hasCustomer' | 'redactCustomer'> => {
  const find = async (accountId: string, email: string): Promise<string | undefined> => {
    const found: { readonly id: string; readonly created: number }[] = []
    for await (const customer of stripe.customers.list({ email, limit: 100 })) {
      const { metadata } = customer
      if (isOurs(installation, metadata) && metadata['accountId'] === accountId) found.push(customer)
    }
    return found.toSorted((one, other) => one.created - other.created)[0]?.id
  }
  return {
    openCustomer: ({ accountId, email, idempotencyKey }) =>
      asking('open a customer', () =>
        underFreshKey(idempotencyKey, async (options) => {
          // An attempt that failed may have made it too.
          const found = await find(accountId, email)
          if (found !== undefined) return found
          return (await stripe.customers.create({ email, metadata: { installation, accountId } }, options)).id
        }),
      ),
    hasCustomer: (id) =>
      asking('look at a customer', async () => {
        try {
          const { deleted } = await stripe.customers.retrieve(id)
          return deleted !== true
        } catch (error) {
          if (isMissing(error)) return false
          throw error
        }
      }),
    redactCustomer: (id) =>
      asking('redact a customer', async () => {
        try {
          // Empty values remove what is there. https://docs.stripe.com/api/customers/update
          await stripe.customers.update(id, {
            name: '',
            email: '',
            phone: '',
            description: '',
            address: '',
            shipping: '',
          })
        } catch (error) {
          if (!isMissing(error)) throw error
        }
      }),
  }
}

/** Whose payment a dispute is about. */
export const createDisputes = ({ stripe, installation, asking }: StripeWorld): Pick<Payments, 'customerOfDispute'> => {
  const find = async (id: string): Promise<Stripe.Dispute | undefined> => {
    try {
      return await stripe.disputes.retrieve(id, { expand: ['charge.customer'] })
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  return {
    customerOfDispute: (disputeId) =>
      asking('look at a dispute', async () => {
        const charge = (await find(disputeId))?.charge
        const customer = typeof charge === 'object' ? charge.customer : null
        if (customer === null || typeof customer === 'string' || customer.deleted === true) return undefined
        return isOurs(installation, customer.metadata) ? customer.id : undefined
      }),
  }
}

/** Uses our own configuration: the account's default may let owners change plans, whose limits Stripe cannot know. */
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
