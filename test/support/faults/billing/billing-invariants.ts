import { charges } from '#stripe-stand-in/resources/charges.ts'
import { customers as stripeCustomers } from '#stripe-stand-in/resources/customers.ts'
import { invoices } from '#stripe-stand-in/resources/invoices.ts'
import { prices } from '#stripe-stand-in/resources/prices.ts'
import { refunds } from '#stripe-stand-in/resources/refunds.ts'
import { subscriptions } from '#stripe-stand-in/resources/subscriptions.ts'
import type { World } from '#stripe-stand-in/world.ts'
import { choiceOfLookupKey } from '../../../../adapters/stripe/ours.ts'
import { isSiteEvent } from '../../../../core/events/event-names.ts'
import { isKept, type Site } from '../../../../core/site/site.ts'
import { isCancellable } from '../../../../core/site/site-billing.ts'
import { dataOf } from '../../event-data.ts'
import { differences } from '../differences.ts'
import type { BillingWorld } from './billing-world.ts'
import type { Buyer } from './buyer.ts'

type Problems = readonly string[]

/** What a scenario comes to in the end, whatever failed on the way. */
export interface Outcome {
  readonly status: Site['status']
  readonly plan: string
  /** What the owner pays for from now on; absent where nothing. */
  readonly runs?: { readonly renews: boolean }
  /** So many payments were taken, and so many of them given back. */
  readonly charges: number
  readonly refunds: number
  /** What a person has to refund, in minor units; absent where nothing. */
  readonly due?: number
  /** Whether the site says that a payment is disputed. */
  readonly isDisputed?: boolean
  /** The subjects of what its owner is told meanwhile, each once. */
  readonly told?: readonly string[]
}

const when = (isWrong: boolean, problem: string): Problems => (isWrong ? [problem] : [])

const count = (what: string, found: number, wanted: number): Problems =>
  when(found !== wanted, `${found} ${what}, not ${wanted}`)

const money = (stripe: World, outcome: Outcome): Problems => {
  const paid = charges.list(stripe).filter(({ decline }) => decline === null)
  return [
    ...count('charges', paid.length, outcome.charges),
    ...count('refunds', refunds.list(stripe).length, outcome.refunds),
    ...paid
      .filter(({ amountRefunded }) => amountRefunded > 0)
      .flatMap(({ id, amount, amountRefunded }) =>
        when(amount !== amountRefunded, `${amountRefunded} of ${amount} on ${id} was given back`),
      ),
    ...differences(
      'charges that were given back',
      refunds.list(stripe).map(({ charge }) => charge),
      [...new Set(refunds.list(stripe).map(({ charge }) => charge))],
    ),
  ]
}

/** Paid at Stripe is paid on the site, and the other way round. */
const conversion = (stripe: World, site: Site, { runs, isDisputed = false }: Outcome): Problems => {
  const live = subscriptions.list(stripe).filter(({ status }) => isCancellable(status))
  const [one] = live
  const billing = isKept(site) ? site.billing : undefined
  const isActive = billing?.state === 'active' || billing?.state === 'past-due'
  if (one === undefined)
    return [
      ...count('live subscriptions', 0, runs === undefined ? 0 : 1),
      ...when(isActive, 'the site is paid for, and nobody pays'),
    ]
  const plan = choiceOfLookupKey(prices.get(stripe, one.item.price)?.lookupKey ?? '')?.plan
  return [
    ...count('live subscriptions', live.length, runs === undefined ? 0 : 1),
    ...when(billing?.subscriptionId !== one.id, `${one.id} is paid for, and the site has ${billing?.subscriptionId}`),
    ...when(!isActive, `${one.id} is paid for, and the site is ${billing?.state}`),
    ...when(plan !== site.plan, `${plan} is paid for, and the site has ${site.plan}`),
    ...when(one.cancelsAtPeriodEnd === runs?.renews, `it is renewed: ${!one.cancelsAtPeriodEnd}`),
    ...when(billing?.cancelsAtPeriodEnd !== one.cancelsAtPeriodEnd, 'the site does not say how it ends'),
    ...when((billing?.isDisputed ?? false) !== isDisputed, `the site says of a dispute: ${billing?.isDisputed}`),
  ]
}

/** Nothing is half done at Stripe: a requested charge was collected, and a declined change leaves nothing behind. */
const open = (stripe: World): Problems => {
  const running = subscriptions.list(stripe).filter(({ status }) => status === 'active')
  const isRunning = new Set(running.map(({ id }) => id))
  return [
    ...invoices
      .list(stripe)
      .filter(({ subscription, status }) => isRunning.has(subscription) && (status === 'open' || status === 'draft'))
      .map(({ id, subscription }) => `${id} of ${subscription} is not paid`),
  ]
}

/** What was given back is in the history of the site, once and with its amount. */
const reports = (world: BillingWorld, { id }: Site, stripe: World): Problems =>
  differences(
    'the notices of refunds',
    world
      .stored()
      .events.filter(isSiteEvent)
      .filter(({ aggregate }) => aggregate.id === id)
      .flatMap((event) => dataOf(event).returned ?? [])
      .filter(({ amount }) => amount !== undefined)
      .map((returned) => `${returned.amount} ${returned.currency}`),
    refunds
      .list(stripe)
      .map(({ charge, amount }) => `${amount} ${charges.get(stripe, charge)?.currency.toUpperCase()}`),
  )

/** One customer of an account, besides those that somebody has deleted, which knows it. */
const customers = (world: BillingWorld, stripe: World, { accountId }: Buyer): Problems => {
  const made = stripeCustomers
    .list(stripe)
    .flatMap(({ id, metadata, isDeleted }) => (metadata['accountId'] === accountId && !isDeleted ? [id] : []))
  const known = world
    .stored()
    .ofKind('account')
    .flatMap(({ content }) => {
      const { id, customerId } = content as { id: string; customerId?: string }
      return id === accountId && customerId !== undefined ? [customerId] : []
    })
  return [...count('customers of one account', made.length, 1), ...differences('the customer on record', known, made)]
}

const siteItself = ({ outside }: BillingWorld, site: Site, { status, plan, due = 0 }: Outcome): Problems => {
  const returned = 'returned' in site ? (site.returned ?? []) : []
  const left = returned.reduce((sum, one) => sum + (one.left ?? 0), 0)
  const isUnderWay = (isKept(site) || site.status === 'purged') && site.operation !== undefined
  return [
    ...when(site.status !== status, `the site is ${site.status}, not ${status}`),
    ...when(site.plan !== plan, `the plan is ${site.plan}, not ${plan}`),
    ...when(left !== due, `a person has to refund ${left}, not ${due}`),
    ...when(isUnderWay, 'an operation is still running'),
    ...when(outside.running.has(site.id) !== (status === 'active'), `what runs is not what is ${status}`),
    ...outside.violations,
  ]
}

/** Every fault of a world at rest. */
export const billingProblems = (world: BillingWorld, buyer: Buyer, outcome: Outcome): Problems => {
  const site = world.site(buyer.id)
  return world.stripe.check((stripe) => [
    ...siteItself(world, site, outcome),
    ...money(stripe, outcome),
    ...open(stripe),
    ...reports(world, site, stripe),
    ...conversion(stripe, site, outcome),
    ...customers(world, stripe, buyer),
  ])
}
