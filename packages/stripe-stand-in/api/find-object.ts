import { chargeObject } from '../objects/charge-object.ts'
import { checkoutSessionObject } from '../objects/checkout-session-object.ts'
import { customerObject } from '../objects/customer-object.ts'
import { disputeObject } from '../objects/dispute-object.ts'
import { invoiceObject } from '../objects/invoice-object.ts'
import { paymentIntentObject } from '../objects/payment-intent-object.ts'
import { paymentMethodObject } from '../objects/payment-method-object.ts'
import { portalConfigurationObject } from '../objects/portal-configuration-object.ts'
import { priceObject } from '../objects/price-object.ts'
import { productObject } from '../objects/product-object.ts'
import { refundObject } from '../objects/refund-object.ts'
import { subscriptionObject } from '../objects/subscription-object.ts'
import type { World } from '../world.ts'

const shown = <Item>(item: Item | undefined, show: (item: Item) => object): object | undefined =>
  item === undefined ? undefined : show(item)

/** What an id stands for, by what it begins with. */
const finders: ReadonlyMap<string, (world: World, id: string) => object | undefined> = new Map([
  ['ch', ({ records }: World, id: string) => shown(records.charges.get(id), chargeObject)],
  [
    'cs',
    (world: World, id: string) => shown(world.records.sessions.get(id), (each) => checkoutSessionObject(world, each)),
  ],
  ['cus', ({ records }: World, id: string) => shown(records.customers.get(id), customerObject)],
  ['du', ({ records }: World, id: string) => shown(records.disputes.get(id), disputeObject)],
  ['in', (world: World, id: string) => shown(world.records.invoices.get(id), (each) => invoiceObject(world, each))],
  ['pi', ({ records }: World, id: string) => shown(records.intents.get(id), paymentIntentObject)],
  ['pm', ({ records }: World, id: string) => shown(records.paymentMethods.get(id), paymentMethodObject)],
  ['bpc', ({ records }: World, id: string) => shown(records.configurations.get(id), portalConfigurationObject)],
  ['price', ({ records }: World, id: string) => shown(records.prices.get(id), priceObject)],
  ['re', ({ records }: World, id: string) => shown(records.refunds.get(id), refundObject)],
  [
    'sub',
    (world: World, id: string) => shown(world.records.subscriptions.get(id), (each) => subscriptionObject(world, each)),
  ],
])

/** The object that an id names; undefined where it names none. Products may have an id of any form. */
export const findObject = (world: World, id: string): object | undefined =>
  finders.get(id.split('_')[0] ?? '')?.(world, id) ?? shown(world.records.products.get(id), productObject)
