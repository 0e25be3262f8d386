import type { Change } from './collection.ts'
import { customerObject } from './objects/customer-object.ts'
import { invoiceObject } from './objects/invoice-object.ts'
import { subscriptionObject } from './objects/subscription-object.ts'
import type { Customer } from './records/customer.ts'
import type { Invoice } from './records/invoice.ts'
import type { Subscription } from './records/subscription.ts'
import type { World } from './world.ts'

/** The members of an object that were different before, as they were. */
const previousOf = (before: object, after: object): object =>
  Object.fromEntries(
    Object.entries(before).filter(
      ([name, value]) =>
        JSON.stringify(value) !== JSON.stringify(Object.entries(after).find(([other]) => other === name)?.[1]),
    ),
  )

/** Says that an object was changed, unless it looks as before. */
const announceChange = ({ emit }: World, type: string, before: object, after: object): void => {
  const previous = previousOf(before, after)
  if (Object.keys(previous).length > 0) emit(type, after, previous)
}

/** Changes a subscription and says so. */
export const changeSubscription = (world: World, id: string, change: Change<Subscription>): Subscription => {
  const { subscriptions } = world.records
  const before = subscriptionObject(world, subscriptions.change(id, {}))
  const changed = subscriptions.change(id, change)
  announceChange(world, 'customer.subscription.updated', before, subscriptionObject(world, changed))
  return changed
}

export const changeCustomer = (world: World, id: string, change: Change<Customer>): Customer => {
  const { customers } = world.records
  const before = customerObject(customers.change(id, {}))
  const changed = customers.change(id, change)
  announceChange(world, 'customer.updated', before, customerObject(changed))
  return changed
}

/** Says of what became of an invoice, and that it was changed by it. */
export const announceInvoice = (world: World, type: string, invoice: Invoice): void =>
  world.emit(type, invoiceObject(world, invoice))
