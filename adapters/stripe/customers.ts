import type { Payments } from '../../core/ports/payments.ts'
import { isOurs } from './ours.ts'
import { isMissing } from './stripe-errors.ts'
import type { StripeWorld } from './stripe-world.ts'

/**
 * Stripe forgets an idempotency key after a day, so the customers of the address are looked through first: a list is strongly
 * consistent, while Stripe's search by metadata is up to an hour behind.
 */
export const createCustomers = ({
  stripe,
  installation,
  asking,
}: StripeWorld): Pick<Payments, 'openCustomer' | 'hasCustomer'> => {
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
      asking('open a customer', async () => {
        const found = await find(accountId, email)
        if (found !== undefined) return found
        const created = await stripe.customers.create(
          { email, metadata: { installation, accountId } },
          { idempotencyKey },
        )
        return created.id
      }),
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
  }
}
