import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Payments, Subscription } from '../../core/ports/payments.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Site } from '../../core/site/site.ts'
import { isSoldBy, mapSubscription, type SiteBilling } from '../../core/site/site-billing.ts'
import { type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import type { Account } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { operatorBillingSchema } from '../operators/insight-answers.ts'
import { siteBillingOperations } from '../operators/insight-operations.ts'
import { accountOf, concernsOf, siteOf } from '../operators/named-site.ts'
import { monthlyAmountOf } from './revenue.ts'

type View = z.input<typeof operatorBillingSchema>
type StripeView = NonNullable<View['stripe']>

interface SiteBillingPorts extends Pick<Context, 'plans' | 'clocks' | 'log'> {
  readonly payments: Pick<Payments, 'subscriptionsOf' | 'getSubscription'>
  readonly accounts: Pick<AccountStore, 'get'>
}

const recordView = (billing: SiteBilling, plans: Context['plans']): NonNullable<View['record']> => {
  const { subscriptionId, state, plan, interval, currency, cancelsAtPeriodEnd, isDisputed } = billing
  const paidThrough = billing.paidThrough ?? null
  const monthlyAmount = monthlyAmountOf(billing, plans)
  return { subscriptionId, state, plan, interval, currency, cancelsAtPeriodEnd, paidThrough, isDisputed, monthlyAmount }
}

const subscriptionView = (subscription: Subscription): StripeView['subscriptions'][number] => ({
  subscriptionId: subscription.id,
  state: subscription.status,
  plan: subscription.price?.plan ?? null,
  interval: subscription.price?.interval ?? null,
  currency: subscription.price?.currency ?? null,
  cancelsAtPeriodEnd: subscription.cancelsAtPeriodEnd,
  paidThrough: subscription.paidThrough ?? null,
  isDisputed: subscription.isDisputed,
})

const compared = ['state', 'plan', 'interval', 'currency', 'cancelsAtPeriodEnd', 'paidThrough', 'isDisputed'] as const

const textOf = (value: string | boolean | undefined): string | null => (value === undefined ? null : String(value))

/** Compares the record with what it would be by Stripe's answer. */
const differences = (
  { plans, clocks }: SiteBillingPorts,
  recorded: SiteBilling | undefined,
  found: readonly Subscription[],
): StripeView['differences'] => {
  const terms = { recorded, now: clocks.domain(), isSold: isSoldBy(plans) }
  const mapped = found.flatMap((subscription) => mapSubscription(subscription, terms) ?? [])
  const theirs = mapped.find(({ subscriptionId }) => subscriptionId === recorded?.subscriptionId)
  const others = mapped.filter(
    ({ subscriptionId, state }) => subscriptionId !== recorded?.subscriptionId && state === 'active',
  )
  return [
    ...(recorded !== undefined && theirs === undefined
      ? [{ field: 'subscription', ours: recorded.subscriptionId, stripe: null }]
      : []),
    ...others.map(({ subscriptionId }) => ({ field: 'subscription', ours: null, stripe: subscriptionId })),
    ...(recorded === undefined || theirs === undefined
      ? []
      : compared
          .filter((field) => recorded[field] !== theirs[field])
          .map((field) => ({ field, ours: textOf(recorded[field]), stripe: textOf(theirs[field]) }))),
  ]
}

const askStripe = async (
  ports: SiteBillingPorts,
  site: Site,
  { recorded, customerId }: { readonly recorded: SiteBilling | undefined; readonly customerId: string | undefined },
): Promise<StripeView> => {
  try {
    const ofCustomer = customerId === undefined ? [] : await ports.payments.subscriptionsOf(customerId)
    const own = ofCustomer.filter(({ siteId }) => siteId === site.id)
    const isListed = recorded === undefined || own.some(({ id }) => id === recorded.subscriptionId)
    const missing = isListed ? undefined : await ports.payments.getSubscription(recorded.subscriptionId)
    const found = missing === undefined ? own : [...own, missing]
    return {
      failure: null,
      subscriptions: found.map(subscriptionView),
      differences: [...differences(ports, recorded, found)],
    }
  } catch (error) {
    ports.log.warn({ siteId: site.id, err: error }, 'Stripe did not answer about a site')
    const failure = error instanceof SitewrightError ? error.message : 'Stripe could not be asked. Try again later.'
    return { failure, subscriptions: [], differences: [] }
  }
}

/** A site's billing by our record and, if asked for, by Stripe. */
const siteBillingView = async (
  ports: SiteBillingPorts,
  site: Site,
  { account, asksStripe }: { readonly account: Account | undefined; readonly asksStripe: boolean },
): Promise<View> => {
  const recorded = 'billing' in site ? site.billing : undefined
  const returned = 'returned' in site ? (site.returned ?? []) : []
  const customerId = account?.customerId
  return {
    plan: site.plan,
    customerId: customerId ?? null,
    record: recorded === undefined ? null : recordView(recorded, ports.plans),
    returned: returned.map((one) => ({ ...one })),
    stripe: asksStripe ? await askStripe(ports, site, { recorded, customerId }) : null,
  }
}

interface SiteBillingApiPorts extends SiteBillingPorts, OperatorPorts, HttpPorts {
  readonly sites: Pick<SiteStore, 'get'>
}

/** Shows operators the billing of a site, apart from their other operations: no function both decides and has Stripe's key. */
export const create = (ports: SiteBillingApiPorts) =>
  httpHandler(
    [
      operatorEndpoint(siteBillingOperations.operatorGetSiteBilling, ports, async ({ params: { id }, query }) => {
        const site = await siteOf(ports, id)
        const account = await accountOf(ports, site)
        const body = await siteBillingView(ports, site, { account, asksStripe: query.stripe === 'true' })
        return { body, concerns: concernsOf(site, account) }
      }),
    ],
    ports,
  )
