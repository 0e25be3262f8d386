import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { PaidInvoice } from '../../core/ports/payments.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { entitledUntil } from '../../core/site/next-step.ts'
import { isKept, type Site } from '../../core/site/site.ts'
import type { SiteBilling } from '../../core/site/site-billing.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import { actEndpoint, actOf } from '../_runtime/act-endpoint.ts'
import { type HttpRoute, type OwnerPorts, ownerEndpoint } from '../_runtime/endpoint.ts'
import type { Account } from '../accounts/account.ts'
import { sitesOf } from '../accounts/follow-closures.ts'
import type { Session } from '../accounts/session/session-facts.ts'
import { admitInWindow } from '../rate-limits/admit-in-window.ts'
import { billingOperations as operations } from './operations.ts'
import type { billingViewSchema } from './owner-answers.ts'
import type { BillingActPorts } from './purchase/admit-payment-act.ts'
import { beginCheckout } from './purchase/begin-checkout.ts'
import { changeOwnPlan, previewOwnPlan } from './purchase/change-plan.ts'
import type { CheckoutPorts } from './purchase/open-checkout.ts'
import { openOwnPortal } from './purchase/open-portal.ts'

/** The end of the paid or promised time. */
const endOf = (site: Site, policies: TrialPolicies): string | null =>
  isKept(site) && site.billing !== undefined ? (entitledUntil(site, policies.find(site.policyVersion)) ?? null) : null

/** What the subscription costs while it can renew. */
const amountOf = (billing: SiteBilling | undefined): number | null =>
  billing === undefined || billing.state === 'ended' ? null : (billing.amount ?? null)

export const billingView = (
  site: Site,
  account: { readonly [Key in 'customerId' | 'currency']?: string | undefined } | undefined,
  { policies, now }: { readonly policies: TrialPolicies; readonly now: Instant },
): z.infer<typeof billingViewSchema> => {
  const billing = isKept(site) ? site.billing : undefined
  const runsUntil = endOf(site, policies)
  const pending = billing?.pendingChange
  return {
    state: billing?.state ?? 'none',
    agreed: isKept(site) && site.contract !== undefined,
    plan: billing?.plan ?? site.plan,
    interval: billing?.interval ?? null,
    currency: billing?.currency ?? account?.currency ?? null,
    amount: amountOf(billing),
    paidThrough: billing?.paidThrough ?? null,
    cancelsAtPeriodEnd: billing?.cancelsAtPeriodEnd ?? false,
    pastDueSince: billing?.state === 'past-due' ? (billing.pastDueSince ?? null) : null,
    graceEndsAt: billing?.state === 'past-due' ? runsUntil : null,
    runsUntil,
    pendingChange:
      pending === undefined || pending.expiresAt <= now
        ? null
        : { plan: pending.plan, interval: pending.interval, confirmBy: pending.expiresAt },
    disputed: billing?.isDisputed ?? false,
    customerId: account?.customerId ?? null,
  }
}

export type BillingRoutePorts = CheckoutPorts & Omit<OwnerPorts, 'sites'>

/** A page reads them whenever it is opened. Their limit is not that of purchases, which a reader must not use up. */
const paymentReadsPerHour = 60

const admitRead = (ports: BillingActPorts, { accountId }: OwnerAct): Promise<void> =>
  admitInWindow(ports, {
    key: `payment-reads-${accountId}`,
    limit: paymentReadsPerHour,
    milliseconds: 60 * 60_000,
    message: (wait) => `Too many requests for payments and invoices. Try again in ${wait}.`,
  })

/** Finds the last paid invoice of a site, also of one that was purged. */
const findLastInvoice = async (ports: BillingActPorts, act: OwnerAct): Promise<PaidInvoice | undefined> => {
  const site = await findOwnSite(ports, act)
  const subscriptionId = 'billing' in site ? site.billing?.subscriptionId : undefined
  if (subscriptionId === undefined) return undefined
  await admitRead(ports, act)
  return ports.payments.lastInvoice(subscriptionId)
}

const findCheckoutPayment = async (ports: CheckoutPorts, act: OwnerAct) => {
  const { id } = await findOwnSite(ports, act)
  const { sessionId } = (await ports.checkouts.find(id)) ?? {}
  if (sessionId === undefined) return 'none'
  await admitRead(ports, act)
  const session = await ports.payments.findCheckout(sessionId)
  return session?.status === 'complete' ? session.payment : 'none'
}

/** The account's currency, or that of another site: the account has none on record before its second purchase begins. */
const currencyOf = async (
  { sites }: Pick<BillingRoutePorts, 'sites'>,
  site: Site,
  account: Account | undefined,
): Promise<string | undefined> => {
  const isKnown = account?.currency !== undefined || (isKept(site) && site.billing !== undefined)
  if (isKnown || account?.customerId === undefined) return account?.currency
  const others = await sitesOf(sites, account.id)
  return others.flatMap((one) => ('billing' in one && one.billing?.currency) || [])[0]
}

/** Below the function's timeout. Some calls make several requests to Stripe. */
const patienceMilliseconds = 12_000

/**
 * Limits the time of a call to Stripe, so that the client gets an answer before API Gateway times out. The call itself continues, so it must be safe
 * to repeat meanwhile.
 * @throws {SitewrightError} `Unavailable` after the time.
 */
const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const message = 'Stripe takes too long to answer. Try again in a moment.'
  const giveUp = () => reject(new SitewrightError('Unavailable', message, { retryAfterSeconds: 5 }))
  const timer = setTimeout(giveUp, patienceMilliseconds)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

export const billingRoutes = (ports: BillingRoutePorts): readonly HttpRoute[] => {
  const { policies, clocks } = ports
  const viewOf = async (site: Site, { accountId }: Session) => {
    const account = await ports.accounts.get(accountId)
    const currency = await currencyOf(ports, site, account)
    return billingView(site, account && { ...account, currency }, { policies, now: clocks.domain() })
  }
  return [
    ownerEndpoint(operations.getBilling, ports, async ({ params }, context) => {
      const site = await findOwnSite(ports, actOf(params.id, context))
      return { body: await viewOf(site, context.session) }
    }),
    ownerEndpoint(operations.getLastInvoice, ports, async ({ params }, context) => ({
      body: { invoice: (await inTime(findLastInvoice(ports, actOf(params.id, context)))) ?? null },
    })),
    ownerEndpoint(operations.previewPlan, ports, async ({ params, query }, context) => {
      const asked = previewOwnPlan(ports, actOf(params.id, context), query)
      const { paysUntil = null, ...preview } = await inTime(asked)
      return { body: { ...preview, paysUntil } }
    }),
    ownerEndpoint(operations.getCheckout, ports, async ({ params }, context) => ({
      body: { payment: await inTime(findCheckoutPayment(ports, actOf(params.id, context))) },
    })),
    actEndpoint(operations.beginCheckout, ports, async ({ params, body }, context) => {
      const { id, url, isNew } = await inTime(beginCheckout(ports, actOf(params.id, context), body))
      return { status: isNew ? 201 : 200, body: { id, url } }
    }),
    actEndpoint(operations.changeOwnPlan, ports, async ({ params, body }, context) => {
      const change = changeOwnPlan(ports, actOf(params.id, context), body)
      const { site, confirmUrl } = await inTime(change)
      const billing = await viewOf(site, context.session)
      return confirmUrl === undefined ? { body: billing } : { status: 202, body: { billing, confirmUrl } }
    }),
    ownerEndpoint(operations.openPortal, ports, async ({ params }, context) => ({
      body: await inTime(openOwnPortal(ports, actOf(params.id, context))),
    })),
  ]
}
