import * as z from 'zod'
import { closeDispute } from '../billing/close-dispute.ts'
import { disputeObject } from '../objects/dispute-object.ts'
import type { Dispute } from '../records/dispute.ts'
import { noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { createdParameter, isCreatedIn } from './parameters.ts'

const what = 'dispute'

/** @throws {StripeFault} where there is none. */
export const requireDispute = ({ records }: Pick<World, 'records'>, id: string): Dispute => {
  const dispute = records.disputes.get(id)
  if (dispute === undefined) throw noSuch(what, id)
  return dispute
}

export const disputeEndpoints = [
  endpoint(
    'GET',
    '/v1/disputes',
    {
      ...pageParameters,
      charge: z.string().optional(),
      payment_intent: z.string().optional(),
      created: createdParameter.optional(),
    },
    ({ records }, _id, { charge, payment_intent, created, ...page }) =>
      pageOf(
        records.disputes.list(),
        (dispute) =>
          (charge === undefined || dispute.charge === charge) &&
          (payment_intent === undefined || dispute.paymentIntent === payment_intent) &&
          isCreatedIn(dispute.created, created),
        page,
        { what, url: '/v1/disputes', show: disputeObject },
      ),
  ),
  endpoint('GET', '/v1/disputes/:id', {}, (world, id) => disputeObject(requireDispute(world, id))),
  // Who closes a dispute gives it up.
  endpoint('POST', '/v1/disputes/:id/close', {}, (world, id) =>
    disputeObject(closeDispute(world, requireDispute(world, id), 'lost')),
  ),
]
