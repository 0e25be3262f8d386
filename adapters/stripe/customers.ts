import type { Payments } from '../../core/ports/payments.ts'
import { isOurs, type StripeWorld } from './ours.ts'
import { isRefusal, underFreshKey, unlessMissing } from './stripe-errors.ts'

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
        const customer = await unlessMissing(() => stripe.customers.retrieve(id))
        return customer !== undefined && customer.deleted !== true
      }),
    redactCustomer: (id) =>
      asking('redact a customer', async () => {
        // Empty values remove what is there. https://docs.stripe.com/api/customers/update
        const nobody = { name: '', email: '', phone: '', address: '' } as const
        const also = { business_name: '', individual_name: '', description: '', shipping: '' } as const
        const known = await unlessMissing(() => stripe.customers.update(id, { ...nobody, ...also }))
        if (known === undefined) return
        // All are listed before the first is removed: a page begins after an item that has to be there.
        const all = { limit: 10_000 }
        for (const { id: taxId } of await stripe.customers.listTaxIds(id).autoPagingToArray(all)) {
          await unlessMissing(() => stripe.customers.deleteTaxId(id, taxId))
        }
        const listMethods = () => stripe.customers.listPaymentMethods(id).autoPagingToArray(all)
        let refusal: unknown
        for (const { id: method } of await listMethods()) {
          await stripe.paymentMethods.update(method, { billing_details: nobody }).catch((error: unknown) => {
            // Some types need a name, and others cannot be changed.
            if (!isRefusal(error)) throw error
          })
          // Refunds go by the charge. https://docs.stripe.com/api/payment_methods/detach
          await stripe.paymentMethods.detach(method).catch((error: unknown) => {
            if (!isRefusal(error)) throw error
            refusal = error
          })
        }
        // Another redaction may have detached it first.
        if (refusal !== undefined && (await listMethods()).length > 0) throw refusal
      }),
  }
}
