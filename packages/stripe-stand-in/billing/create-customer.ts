import type { Change } from '../collection.ts'
import { customerObject } from '../objects/customer-object.ts'
import type { Customer } from '../records/customer.ts'
import type { World } from '../world.ts'

export const createCustomer = (
  { records, newId, now, emit }: World,
  given: Change<Pick<Customer, 'description' | 'email' | 'metadata' | 'name' | 'phone'>>,
): Customer => {
  const id = newId('cus_')
  const customer = records.customers.put({
    id,
    created: now,
    email: given.email ?? null,
    name: given.name ?? null,
    description: given.description ?? null,
    phone: given.phone ?? null,
    metadata: given.metadata ?? {},
    currency: null,
    balance: 0,
    defaultPaymentMethod: null,
    invoicePrefix: id.slice(-8).toUpperCase(),
    nextInvoice: 1,
    isDeleted: false,
  })
  emit('customer.created', customerObject(customer))
  return customer
}
