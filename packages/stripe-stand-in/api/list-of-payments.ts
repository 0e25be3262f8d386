import * as z from 'zod'
import type { Records } from '../records/records.ts'
import type { ApiEndpoint } from './endpoint.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { createdParameter, isCreatedIn } from './parameters.ts'

interface OfPayment {
  readonly id: string
  readonly created: number
  readonly charge: string
  readonly paymentIntent: string
}

/** The list of what becomes of payments, by charge, payment intent and time: Stripe's of refunds and of disputes are the same. */
export const listOfPayments = <Item extends OfPayment>(list: {
  readonly what: string
  readonly url: string
  readonly itemsOf: (records: Records) => readonly Item[]
  readonly show: (item: Item) => object
}): ApiEndpoint =>
  endpoint(
    'GET',
    list.url,
    {
      ...pageParameters,
      charge: z.string().optional(),
      payment_intent: z.string().optional(),
      created: createdParameter.optional(),
    },
    ({ records }, _id, { charge, payment_intent, created, ...page }) =>
      pageOf(
        list.itemsOf(records),
        (item) =>
          (charge === undefined || item.charge === charge) &&
          (payment_intent === undefined || item.paymentIntent === payment_intent) &&
          isCreatedIn(item.created, created),
        page,
        list,
      ),
  )
