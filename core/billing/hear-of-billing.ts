import type { DomainEvent } from '../events/event.ts'
import { convergeBilling } from './converge-billing.ts'
import type { ConvergePorts } from './converge-ports.ts'

/**
 * Brings billing into line after something was heard: of Stripe, or of a site whose owner has deleted it or taken it back,
 * that is purged, or with which something was done that a payment had to wait for.
 * @throws {SitewrightError} `Unavailable`: the event comes again.
 */
export const hearOfBilling = async (ports: ConvergePorts, event: DomainEvent): Promise<void> => {
  if (event.aggregate.type === 'site') {
    return convergeBilling(ports, { siteId: event.aggregate.id }, event.id)
  }
  if (event.type !== 'PaymentNoticed') return
  const { customerId, siteId, subscriptionId, disputeId } = event.data
  const { payments, log } = ports
  const payer =
    customerId ??
    (subscriptionId === undefined ? undefined : (await payments.getSubscription(subscriptionId))?.customerId) ??
    (disputeId === undefined ? undefined : await payments.customerOfDispute(disputeId))
  if (payer !== undefined) return convergeBilling(ports, { customerId: payer, siteId }, event.id)
  if (siteId !== undefined) return convergeBilling(ports, { siteId }, event.id)
  log.info(
    { event: 'payment-not-ours', stripeEvent: event.aggregate.id, type: event.data.type },
    'a payment is for no site of ours',
  )
}
