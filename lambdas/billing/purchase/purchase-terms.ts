import { refuse, refuseField } from '../../../core/errors.ts'
import type { BillingInterval, Plan, PlanCatalogue } from '../../../core/plan/plan.ts'
import type { PriceChoice, Subscription } from '../../../core/ports/payments.ts'
import { requireKept } from '../../../core/site/change-site.ts'
import { refuseEnvironment } from '../../../core/site/environment.ts'
import { isLive, type KeptSite, type Site } from '../../../core/site/site.ts'
import { billingStateOf } from '../../../core/site/site-billing.ts'
import { canOwnerRevoke } from '../../endings/delete-site.ts'
import { requireNoAgreement } from '../../relocations/switch-sides.ts'

export interface RequestedPrice {
  readonly plan: string
  readonly interval: BillingInterval
  /** ISO 4217. Defaults to the account's currency, or to the plan's first. */
  readonly currency?: string | undefined
}

export const refuseTerm = (path: string, problem: string): never => refuseField(path, problem, `${path}: ${problem}.`)

const soldPlan = ({ plans }: PlanCatalogue, id: string): Plan => {
  const sold = plans.filter(({ prices }) => prices.length > 0)
  const known = plans.find((plan) => plan.id === id)
  if (known !== undefined && sold.includes(known)) return known
  const choice = sold.map((plan) => plan.id).join(', ')
  if (known?.kind === 'enterprise')
    return refuseTerm('plan', `'${id}' is by arrangement: contact us. Plans to buy: ${choice}`)
  return refuseTerm('plan', `must be one of: ${choice}`)
}

export interface ChosenPrice {
  readonly plan: Plan
  readonly price: PriceChoice
  /** In minor units. */
  readonly amount: number
}

/**
 * Finds the price of a choice.
 * @param fixed the account's currency, once it has bought something.
 * @throws {SitewrightError} `InvalidRequest`.
 */
export const choosePrice = (
  catalogue: PlanCatalogue,
  request: RequestedPrice,
  fixed: string | undefined,
): ChosenPrice => {
  const plan = soldPlan(catalogue, request.plan)
  const ofInterval = plan.prices.filter(({ interval }) => interval === request.interval)
  const intervals = [...new Set(plan.prices.map(({ interval }) => interval))].join(', ')
  if (ofInterval.length === 0) return refuseTerm('interval', `'${plan.id}' is sold by: ${intervals}`)
  if (fixed !== undefined && request.currency !== undefined && request.currency !== fixed) {
    return refuseTerm('currency', `must be ${fixed}, the currency of the account’s first purchase`)
  }
  const currency = fixed ?? request.currency ?? ofInterval[0]?.currency
  const found = ofInterval.find((price) => price.currency === currency)
  const currencies = ofInterval.map((price) => price.currency).join(', ')
  if (found === undefined) return refuseTerm('currency', `'${plan.id}' is sold in: ${currencies}`)
  const price = { plan: plan.id, interval: found.interval, currency: found.currency }
  return { plan, price, amount: found.amount }
}

/**
 * Requires a trial or a site whose subscription has ended. A deletion by its owner does not matter: paying revokes it.
 * @throws {SitewrightError} `TransitionNotAllowed`.
 */
export const requireBuyable = (found: Site, { plans }: PlanCatalogue): KeptSite => {
  const site = requireKept(found)
  refuseEnvironment(site, 'is not paid for')
  if (site.billing?.state === 'paused') {
    return refuse('The subscription of this site is paused. Contact us to continue it.')
  }
  if (site.billing !== undefined && site.billing.state !== 'ended') {
    return refuse('This site already has a subscription. Change its plan instead.')
  }
  const isTrial = plans.some(({ id, kind }) => id === site.plan && kind === 'trial')
  if (site.billing === undefined && !isTrial) {
    return refuse('The plan of this site is by arrangement. Contact us to change it.')
  }
  requireAvailableToOwner(site)
  return site
}

/**
 * Refuses payment for a site that an operator has suspended or is deleting, and while a relocation or a contract decides its plan. @throws {SitewrightError} `TransitionNotAllowed`.
 */
export const requireAvailableToOwner = (site: KeptSite): void => {
  requireNoAgreement(site)
  if (isLive(site)) return
  if (site.suspendedBecause === 'operator') refuse('We have suspended this site. Contact us about it.')
  if (site.suspendedBecause === 'moved') refuse('This site has moved to another installation. Contact us about it.')
  if (site.deletion !== undefined && !canOwnerRevoke(site.deletion)) {
    refuse('We are deleting this site. Contact us about it.')
  }
}

/** Whether a second subscription would charge the owner twice. `unpaid` collects nothing, so it does not count. */
export const isRunning = ({ status }: Pick<Subscription, 'status'>): boolean => {
  const state = billingStateOf(status)
  return status === 'incomplete' || (state !== undefined && state !== 'ended')
}
