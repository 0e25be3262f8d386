import { invalidRequest } from '../fault.ts'
import { wholeList } from '../objects.ts'
import { paymentMethodObject, paymentMethods } from '../resources/cards.ts'
import { chargeObject, charges, intents, paymentIntentObject } from '../resources/charges.ts'
import { customerObject, customers } from '../resources/customers.ts'
import { invoicePaymentObject, paymentsOf } from '../resources/invoice-payments.ts'
import { invoiceObject, invoices } from '../resources/invoices.ts'
import { productObject, products } from '../resources/products.ts'
import { refundObject, refunds } from '../resources/refunds.ts'
import { subscriptionObject, subscriptions } from '../resources/subscriptions.ts'
import type { World } from '../world.ts'
import type { FormValue } from './form.ts'

/** As many levels as Stripe expands; `data` of a list is one. */
const maxLevels = 4

type Show = (world: World, id: string) => object | undefined

const finding =
  <Item>(get: (world: World, id: string) => Item | undefined, show: (world: World, item: Item) => object): Show =>
  (world, id) => {
    const item = get(world, id)
    return item === undefined ? undefined : show(world, item)
  }

/** What an id names, by its prefix. */
const objects = new Map<string, Show>([
  ['ch', finding(charges.get, (_, item) => chargeObject(item))],
  ['cus', finding(customers.get, (_, item) => customerObject(item))],
  ['in', finding(invoices.get, invoiceObject)],
  ['pi', finding(intents.get, paymentIntentObject)],
  ['pm', finding(paymentMethods.get, (_, item) => paymentMethodObject(item))],
  ['prod', finding(products.get, (_, item) => productObject(item))],
  ['sub', finding(subscriptions.get, subscriptionObject)],
])

/** Lists that an object has only on request: https://docs.stripe.com/api/expanding_objects */
const includedLists = new Map<string, Show>([
  [
    'charge.refunds',
    (world, id) => {
      const found = refunds.list(world, charges.require(world, id).customer).filter(({ charge }) => charge === id)
      return wholeList(found.map(refundObject), `/v1/charges/${id}/refunds`)
    },
  ],
  [
    'invoice.payments',
    (world, id) => {
      const payments = paymentsOf(world, invoices.require(world, id))
      return wholeList(payments.map(invoicePaymentObject), `/v1/invoice_payments?invoice=${id}`)
    },
  ],
])

type Members = Record<string, unknown>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refuse = (path: string): never => {
  throw invalidRequest(
    `This property cannot be expanded (${path}). You may want to try expanding one of its properties, or check ` +
      'https://docs.stripe.com/expand.',
    { param: 'expand' },
  )
}

/** The member of an object, in full if it was an id. */
const show = (world: World, members: Members, name: string, path: string): unknown => {
  const value = members[name]
  const include = includedLists.get(`${String(members['object'])}.${name}`)
  if (include !== undefined) return include(world, String(members['id']))
  if (typeof value !== 'string' || name === 'id') return name in members ? value : refuse(path)
  return objects.get(value.split('_')[0] ?? '')?.(world, value) ?? refuse(path)
}

const expandIn = (world: World, within: unknown, [name, ...rest]: readonly string[], path: string): unknown => {
  if (name === undefined || within === null) return within
  if (Array.isArray(within)) return within.map((each) => expandIn(world, each, [name, ...rest], path))
  if (!isMembers(within)) return refuse(path)
  return { ...within, [name]: expandIn(world, show(world, within, name, path), rest, path) }
}

/** Replaces ids by whole objects. @throws {StripeFault} if a path is too long or names nothing. */
export const expand = (world: World, answer: object, wanted: FormValue | undefined): unknown => {
  if (wanted === undefined) return answer
  if (!Array.isArray(wanted)) throw invalidRequest('Invalid array', { param: 'expand' })
  return wanted.reduce<unknown>((expanded, path) => {
    if (typeof path !== 'string') throw invalidRequest('Invalid string', { param: 'expand' })
    const names = path.split('.')
    if (names.length > maxLevels) {
      throw invalidRequest(`You cannot expand more than 4 levels of a property. Property: ${path}`, { param: 'expand' })
    }
    return expandIn(world, expanded, names, path)
  }, answer)
}
