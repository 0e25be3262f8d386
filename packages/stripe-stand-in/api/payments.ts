import * as z from 'zod'
import { chargeObject } from '../objects/charge-object.ts'
import { paymentIntentObject } from '../objects/payment-intent-object.ts'
import { paymentMethodObject } from '../objects/payment-method-object.ts'
import type { Charge } from '../records/charge.ts'
import { noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { createdParameter, isCreatedIn } from './parameters.ts'

/** @throws {StripeFault} where there is none. */
export const requireCharge = ({ records }: Pick<World, 'records'>, id: string, param = 'charge'): Charge => {
  const charge = records.charges.get(id)
  if (charge === undefined) throw noSuch('charge', id, param)
  return charge
}

export const paymentEndpoints = [
  endpoint(
    'GET',
    '/v1/charges',
    {
      ...pageParameters,
      customer: z.string().optional(),
      payment_intent: z.string().optional(),
      created: createdParameter.optional(),
    },
    ({ records }, _id, { customer, payment_intent, created, ...page }) =>
      pageOf(
        records.charges.list(customer),
        (charge) =>
          (payment_intent === undefined || charge.paymentIntent === payment_intent) &&
          isCreatedIn(charge.created, created),
        page,
        { what: 'charge', url: '/v1/charges', show: chargeObject },
      ),
  ),
  endpoint('GET', '/v1/charges/:id', {}, (world, id) => chargeObject(requireCharge(world, id, 'id'))),
  endpoint(
    'GET',
    '/v1/payment_intents',
    { ...pageParameters, customer: z.string().optional(), created: createdParameter.optional() },
    ({ records }, _id, { customer, created, ...page }) =>
      pageOf(records.intents.list(customer), (intent) => isCreatedIn(intent.created, created), page, {
        what: 'payment_intent',
        url: '/v1/payment_intents',
        show: paymentIntentObject,
      }),
  ),
  endpoint('GET', '/v1/payment_intents/:id', {}, ({ records }, id) => {
    const intent = records.intents.get(id)
    if (intent === undefined) throw noSuch('payment_intent', id, 'intent')
    return paymentIntentObject(intent)
  }),
  endpoint(
    'GET',
    '/v1/payment_methods',
    { ...pageParameters, customer: z.string().optional(), type: z.literal('card').optional() },
    ({ records }, _id, { customer, type: _type, ...page }) =>
      pageOf(records.paymentMethods.list(customer), ({ customer: owner }) => owner !== null, page, {
        what: 'PaymentMethod',
        url: '/v1/payment_methods',
        show: paymentMethodObject,
      }),
  ),
  endpoint('GET', '/v1/payment_methods/:id', {}, ({ records }, id) => {
    const method = records.paymentMethods.get(id)
    if (method === undefined) throw noSuch('PaymentMethod', id)
    return paymentMethodObject(method)
  }),
]
