import { closeDispute } from '../billing/close-dispute.ts'
import { disputeObject } from '../objects/dispute-object.ts'
import type { Dispute } from '../records/dispute.ts'
import { noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { endpoint } from './endpoint.ts'
import { listOfPayments } from './list-of-payments.ts'

const what = 'dispute'

/** @throws {StripeFault} where there is none. */
export const requireDispute = ({ records }: Pick<World, 'records'>, id: string): Dispute => {
  const dispute = records.disputes.get(id)
  if (dispute === undefined) throw noSuch(what, id)
  return dispute
}

export const disputeEndpoints = [
  listOfPayments({ what, url: '/v1/disputes', itemsOf: (records) => records.disputes.list(), show: disputeObject }),
  endpoint('GET', '/v1/disputes/:id', {}, (world, id) => disputeObject(requireDispute(world, id))),
  // Who closes a dispute gives it up.
  endpoint('POST', '/v1/disputes/:id/close', {}, (world, id) =>
    disputeObject(closeDispute(world, requireDispute(world, id), 'lost')),
  ),
]
