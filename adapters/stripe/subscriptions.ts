import { Stripe } from 'stripe'
import { type Instant, toInstant } from '../../core/instant.ts'
import {
  type Payments,
  type Subscription,
  type SubscriptionStatus,
  subscriptionStatuses,
  type UnusualTerm,
  unusualTerms,
} from '../../core/ports/payments.ts'
import { isCancellable } from '../../core/site/site-billing.ts'
import { chargesOf, checkDisputes, type DisputedCharges, paidInvoicesOf, sumOf } from './charges.ts'
import { idOf, itemOfOurs, type Metadata, type StripeWorld, siteOf, type TaxPolicy } from './ours.ts'
import { isMissingCustomer, unlessMissing } from './stripe-errors.ts'

/** Reads subscriptions, each with what was paid for it. */
export const createSubscriptions = (world: StripeWorld): Pick<Payments, 'getSubscription' | 'subscriptionsOf'> => {
  const { stripe, asking, log } = world

  const readAll = async (subscriptions: AsyncIterable<Stripe.Subscription>): Promise<Subscription[]> => {
    const all: Subscription[] = []
    const disputed = checkDisputes(stripe)
    for await (const part of inParts(subscriptions)) {
      all.push(...(await Promise.all(part.map((one) => readKnown(world, one, disputed)))))
    }
    return all
  }

  return {
    getSubscription: (id) =>
      asking('look at a subscription', async () => {
        const found = await findSubscription(world, id)
        return found === undefined ? undefined : readKnown(world, found)
      }),

    subscriptionsOf: (customerId) =>
      asking('list the subscriptions of a customer', async () => {
        try {
          const wanted = { customer: customerId, status: 'all', limit: 100, expand: withInvoice } as const
          return await readAll(stripe.subscriptions.list(wanted))
        } catch (error) {
          if (!isMissingCustomer(error)) throw error
          log.warn({ customerId }, 'Stripe does not know a customer: it is of another account or mode, or was deleted')
          return []
        }
      }),
  }
}

/** How many subscriptions' payments are read at the same time; Stripe allows 25 requests a second in test mode. */
const atOnce = 5

/** Shows discounts, wherever they come from, and whether it was paid, without a request of their own. */
export const withInvoice = ['data.latest_invoice']

/** As many in a part as are read at the same time. */
export async function* inParts(
  subscriptions: Iterable<Stripe.Subscription> | AsyncIterable<Stripe.Subscription>,
): AsyncGenerator<Stripe.Subscription[]> {
  let part: Stripe.Subscription[] = []
  for await (const subscription of subscriptions) {
    part.push(subscription)
    if (part.length < atOnce) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

/** @returns undefined where Stripe knows none of this id. */
export const findSubscription = ({ stripe }: StripeWorld, id: string): Promise<Stripe.Subscription | undefined> =>
  unlessMissing(() => stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] }))

/** The types say that it is always there. */
export const hasMetadata = ({ metadata }: { readonly metadata: Metadata }): boolean =>
  metadata !== null && metadata !== undefined

const instantOf = (seconds: number): Instant => toInstant(new Date(seconds * 1000))

/** Stripe leaves the status while nobody collects: https://docs.stripe.com/billing/subscriptions/pause-payment */
const isCollectionPaused = ({ pause_collection: pause }: Stripe.Subscription): boolean =>
  pause !== null && pause !== undefined

/**
 * The status by Stripe. It is `paused` while no payments are collected; an overdue one is still retried.
 * @throws {Error} where Stripe has a status that we do not know: what follows from it is not to be guessed.
 */
const statusOf = (subscription: Stripe.Subscription): SubscriptionStatus => {
  const { id, status } = subscription
  const known = subscriptionStatuses.find((one) => one === status)
  if (known === undefined) throw new Error(`Stripe says that ${id} is '${status}', which is no status that we know.`)
  return isCollectionPaused(subscription) && (known === 'active' || known === 'trialing') ? 'paused' : known
}

/**
 * Whether nobody paid the latest invoice of a period and staff gave it up, after which Stripe calls an overdue subscription active.
 * Nobody asked for the invoices of a pause: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
 */
const isWrittenOff = ({ latest_invoice: invoice }: Stripe.Subscription): boolean => {
  if (invoice === null || typeof invoice !== 'object' || invoice.billing_reason !== 'subscription_cycle') return false
  const isAskedFor = invoice.attempt_count > 0 || invoice.due_date !== null
  return isAskedFor && (invoice.status === 'uncollectible' || invoice.status === 'void')
}

/** The metadata of an invoice whose collection we have switched off. */
export const heldMark = { held: 'true' }

/** https://docs.stripe.com/invoicing/integration/automatic-advancement-collection */
export const collectionOf = ({ status, auto_advance, metadata }: Stripe.Invoice): Subscription['collection'] => {
  if (status !== 'draft' && status !== 'open') return undefined
  if (auto_advance === true) return 'retried'
  return metadata?.['held'] === heldMark.held ? 'held' : undefined
}

const latestCollectionOf = ({ status, latest_invoice: invoice }: Stripe.Subscription) => {
  const collection = typeof invoice === 'object' && invoice !== null ? collectionOf(invoice) : undefined
  const isSaid = collection === 'held' || (collection === 'retried' && status === 'past_due')
  return isSaid ? { collection } : {}
}

const isFree = ({ latest_invoice: invoice }: Stripe.Subscription): boolean => {
  if (invoice === null || typeof invoice !== 'object') return false
  const discounts = sumOf((invoice.total_discount_amounts ?? []).map(({ amount }) => amount))
  return discounts > 0 && discounts >= invoice.subtotal
}

/** The item of ours; where none has a price of ours, the first. */
const ownItemOf = (subscription: Stripe.Subscription): Stripe.SubscriptionItem | undefined =>
  itemOfOurs(subscription)?.item ?? subscription.items.data[0]

/** In seconds since 1970. */
const periodEndOf = (subscription: Stripe.Subscription): number | undefined =>
  ownItemOf(subscription)?.current_period_end

/**
 * What a cancellation ends: the present period, or one after it. In flexible billing mode the portal cancels by a date, which
 * stays where it is when the period moves; staff can set any date.
 */
export const cancelledFor = (subscription: Stripe.Subscription): 'period' | 'later' | undefined => {
  const { cancel_at_period_end: isForPeriod, cancel_at: at } = subscription
  if (isForPeriod) return 'period'
  if (at === null) return undefined
  return at > (periodEndOf(subscription) ?? at) ? 'later' : 'period'
}

/** Terms of a subscription that continues and that we never sell: staff set them at Stripe, or sold it without tax before. */
const unusualTermsOf = (subscription: Stripe.Subscription, tax: TaxPolicy) => {
  const status = statusOf(subscription)
  const found: Readonly<Record<UnusualTerm, boolean>> = {
    paused: status === 'paused' || isCollectionPaused(subscription),
    'sends-invoices': subscription.collection_method === 'send_invoice',
    'free-by-discount': isFree(subscription),
    'in-stripe-trial': subscription.status === 'trialing',
    'ends-later': cancelledFor(subscription) === 'later',
    'written-off': isWrittenOff(subscription),
    // Stripe turns it off as well where it no longer recognises the customer's address.
    'without-tax': tax === 'automatic' && !subscription.automatic_tax.enabled,
  }
  const unusual = unusualTerms.filter((term) => found[term])
  return isCancellable(status) && unusual.length > 0 ? { unusual } : {}
}

/** Reads one with something that we do not know as `unknown`, so that the others of its customer still count. */
export const readKnown = async (
  world: StripeWorld,
  subscription: Stripe.Subscription,
  disputed?: DisputedCharges,
): Promise<Subscription> => {
  try {
    if (!hasMetadata(subscription)) throw new Error(`Stripe shows no metadata of ${subscription.id}.`)
    return await readSubscription(world, subscription, disputed)
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) throw error
    const { id: subscriptionId, status, metadata } = subscription
    world.log.error(
      { event: 'subscription-unreadable', subscriptionId, status, err: error },
      'a subscription at Stripe has something that we do not know',
    )
    return {
      ...{ id: subscriptionId, customerId: idOf(subscription.customer), siteId: siteOf(world.installation, metadata) },
      ...{ status: 'unknown', createdAt: instantOf(subscription.created ?? 0), price: undefined },
      ...{ cancelsAtPeriodEnd: false, paidThrough: undefined, isDisputed: false },
    }
  }
}

/** The end of the service on a line of an invoice, in seconds since 1970. A credit ends it where its period begins. */
const serviceEndOf = ({ amount, period }: Stripe.InvoiceLineItem): number => (amount < 0 ? period.start : period.end)

/** Whether a line is for an item or, as an adjustment that does not name it, for its price. */
const isFor = (item: Stripe.SubscriptionItem | undefined, { parent, pricing }: Stripe.InvoiceLineItem): boolean => {
  const price = pricing?.price_details?.price
  return (
    parent?.subscription_item_details?.subscription_item === item?.id ||
    (price !== undefined && idOf(price) === item?.price.id)
  )
}

/** Our lines of the newest paid invoice that has any, as others may bill what staff added. If none has, the newest one's. */
const paidLinesOf = async (
  stripe: Stripe,
  subscription: Stripe.Subscription,
): Promise<readonly Stripe.InvoiceLineItem[]> => {
  const item = ownItemOf(subscription)
  const paid = (await paidInvoicesOf(stripe, subscription.id)).map(({ lines }) => lines.data)
  const ours = paid.map((lines) => lines.filter((line) => isFor(item, line)))
  return ours.find((lines) => lines.length > 0) ?? paid[0] ?? []
}

/**
 * The end of the latest period that was paid for, in seconds since 1970. Stripe begins further periods of a subscription that is
 * overdue or not collected, whether or not somebody pays, so only its paid invoices show it.
 */
const paidThroughOf = async (stripe: Stripe, subscription: Stripe.Subscription): Promise<number | undefined> => {
  const status = statusOf(subscription)
  if (status === 'incomplete' || status === 'incomplete_expired') return undefined
  if (status === 'active' || status === 'trialing') return periodEndOf(subscription)
  const ends = (await paidLinesOf(stripe, subscription)).map(serviceEndOf)
  return ends.length === 0 ? undefined : Math.max(...ends)
}

const pendingChangeOf = ({ pending_update: pending }: Stripe.Subscription) => {
  const price = pending && itemOfOurs({ items: { data: pending.subscription_items ?? [] } })?.price
  return price ? { pendingChange: { price, expiresAt: instantOf(pending.expires_at) } } : {}
}

const disputesOfSubscription = async (
  stripe: Stripe,
  id: string,
  disputed: Awaited<ReturnType<DisputedCharges>>,
): Promise<Pick<Subscription, 'isDisputed' | 'lostDisputes'>> => {
  let [isDisputed, lostDisputes] = [false, 0]
  if (disputed.length === 0) return { isDisputed }
  for await (const charge of chargesOf(stripe, await paidInvoicesOf(stripe, id))) {
    const found = disputed.find((one) => one.id === charge.id)
    if (found?.isOpen) isDisputed = true
    if (found !== undefined && found.lost > 0) lostDisputes += 1
  }
  return { isDisputed, ...(lostDisputes > 0 && { lostDisputes }) }
}

/**
 * Reads a subscription: the charges of its customer in one request, shared by all subscriptions of the customer, the paid
 * invoices of one that is overdue, paused or has ended, and more if a payment is disputed. Nothing for a subscription that is not ours.
 */
export const readSubscription = async (
  { stripe, installation, tax }: Pick<StripeWorld, 'stripe' | 'installation' | 'tax'>,
  subscription: Stripe.Subscription,
  disputed: DisputedCharges = checkDisputes(stripe),
): Promise<Subscription> => {
  const { id, metadata } = subscription
  const customerId = idOf(subscription.customer)
  const siteId = siteOf(installation, metadata)
  const paidThrough = siteId === undefined ? undefined : await paidThroughOf(stripe, subscription)
  const ours = itemOfOurs(subscription)
  const amount = ours?.item.price.unit_amount ?? undefined
  return {
    id,
    customerId,
    siteId,
    status: statusOf(subscription),
    createdAt: instantOf(subscription.created),
    price: ours?.price,
    ...(amount !== undefined && { amount }),
    cancelsAtPeriodEnd: cancelledFor(subscription) === 'period',
    ...latestCollectionOf(subscription),
    paidThrough: paidThrough === undefined ? undefined : instantOf(paidThrough),
    ...(await disputesOfSubscription(stripe, id, siteId === undefined ? [] : await disputed(customerId))),
    ...pendingChangeOf(subscription),
    ...unusualTermsOf(subscription, tax),
  }
}
