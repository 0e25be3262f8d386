import { SitewrightError } from '../errors.ts'
import type { DomainEvent } from '../events/event.ts'
import { system } from '../events/event-names.ts'
import type { SiteId } from '../ids.ts'
import type { PaymentNotices } from '../ports/billing.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import { RefusedByStripe } from '../ports/payments.ts'
import { convergeSite } from './converge-site.ts'
import type { PaymentNotice } from './payment-notice.ts'
import { isRelevant } from './payment-notice.ts'
import type { ConvergePorts } from './read-subscriptions.ts'

export interface NotePaymentPorts {
  readonly paymentNotices: PaymentNotices
  /** Whether this installation takes real money. */
  readonly paymentsAreLive: boolean
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}

/**
 * Stores Stripe's event once; the work follows from our event, because Stripe waits for the answer.
 * @returns `known` for a repeated event, `meaningless` for a type that does not matter.
 * @throws {SitewrightError} `WebhookRefused` for an event of Stripe's other mode.
 */
export const notePayment = async (
  { paymentNotices, paymentsAreLive, clocks, randomness, log }: NotePaymentPorts,
  notice: PaymentNotice,
): Promise<'kept' | 'known' | 'meaningless'> => {
  const { id, type, isLive } = notice
  if (isLive !== paymentsAreLive) {
    log.error({ stripeEvent: id, type, isLive, paymentsAreLive }, "received an event of Stripe's other mode")
    throw new SitewrightError(
      'WebhookRefused',
      `This event is from Stripe's ${isLive ? 'live' : 'test'} mode, but this installation uses the other one.`,
    )
  }
  if (!isRelevant(notice)) return 'meaningless'
  const { id: _, ...data } = notice
  return paymentNotices.keep(notice, {
    schemaVersion: 1,
    id: randomness.id('evt'),
    type: 'PaymentNoticed',
    aggregate: { type: 'payment', id },
    version: 1,
    at: clocks.domain(),
    actor: system,
    causationId: id,
    data,
  })
}

type BillingOf = { readonly customerId: string; readonly siteId?: SiteId | undefined } | { readonly siteId: SiteId }

const sitesOf = async (
  { payments }: Pick<ConvergePorts, 'payments'>,
  { customerId, siteId }: Extract<BillingOf, { readonly customerId: string }>,
): Promise<ReadonlySet<SiteId>> => {
  if (siteId !== undefined) return new Set([siteId])
  return new Set((await payments.subscriptionsOf(customerId)).flatMap((subscription) => subscription.siteId ?? []))
}

/**
 * Brings every affected site into line with Stripe. The event itself is not trusted: it may be late, repeated or out of
 * order. Subscriptions of other applications are ignored.
 * @throws {SitewrightError} `Unavailable`: repeat.
 */
const convergeBilling = async (ports: ConvergePorts, of: BillingOf, causationId: string): Promise<void> => {
  if (!('customerId' in of)) {
    await convergeSite(ports, of.siteId, { causationId })
    return
  }
  const siteIds = await sitesOf(ports, of)
  if (siteIds.size === 0)
    ports.log.info({ event: 'payment-not-ours', customerId: of.customerId }, 'a payment has no site')
  for (const siteId of siteIds) {
    try {
      const outcome = await convergeSite(ports, siteId, { causationId, knownCustomers: [of.customerId] })
      if (outcome === 'unknown') ports.log.warn({ siteId }, 'a subscription names an unknown site')
    } catch (error) {
      listedForPerson(ports, causationId, error)
    }
  }
}

const listedForPerson = ({ log }: Pick<ConvergePorts, 'log'>, causationId: string, error: unknown): void => {
  if (!(error instanceof RefusedByStripe)) throw error
  const { act, code, requestId } = error
  log.warn({ causationId, act, code, requestId }, 'Stripe refuses a request: the next reconciliation lists its site')
}

/**
 * Updates billing after an event of Stripe, or of a site that was deleted, kept, purged or has finished an operation.
 * Repeating what Stripe refuses changes nothing, so the reconciliation lists it for a person.
 * @throws {SitewrightError} `Unavailable`: the event is delivered again.
 */
export const handleBillingEvent = async (ports: ConvergePorts, event: DomainEvent): Promise<void> => {
  try {
    await updateBilling(ports, event)
  } catch (error) {
    listedForPerson(ports, event.id, error)
  }
}

const updateBilling = async (ports: ConvergePorts, event: DomainEvent): Promise<void> => {
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
    'a payment has no site',
  )
}
