import fc from 'fast-check'
import type { SiteId } from '../../../core/ids.ts'
import type { BillingInterval } from '../../../core/plan/plan.ts'
import type { SimWorld } from './sim-world.ts'

const site = fc.nat({ max: 7 })

/** What somebody does with the money of a site, at ours or at Stripe. */
export type MoneyStep =
  | {
      readonly does: 'buy' | 'open-checkout' | 'change-plan' | 'buy-again'
      readonly site: number
      readonly plan: string
      readonly interval: BillingInterval
    }
  | {
      readonly does:
        | 'pay-late'
        | 'card-fails'
        | 'repair-card'
        | 'cancel-or-not'
        | 'cancel-in-dashboard'
        | 'pause-subscription'
        | 'dispute'
        | 'refund-by-hand'
      readonly site: number
    }

const ofSite = (...does: readonly Exclude<MoneyStep, { plan: string }>['does'][]) =>
  fc.record({ does: fc.constantFrom(...does), site })

const choice = (...does: readonly Extract<MoneyStep, { plan: string }>['does'][]) =>
  fc.record({
    does: fc.constantFrom(...does),
    site,
    plan: fc.constantFrom('starter', 'growth'),
    // Within a run a year has no renewal.
    interval: fc.constantFrom<BillingInterval>('month', 'month', 'month', 'year'),
  })

export const moneySteps: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<MoneyStep> }[] = [
  { weight: 8, arbitrary: choice('buy') },
  { weight: 2, arbitrary: choice('open-checkout', 'change-plan') },
  { weight: 2, arbitrary: choice('buy-again') },
  { weight: 5, arbitrary: ofSite('card-fails') },
  { weight: 4, arbitrary: ofSite('repair-card') },
  { weight: 3, arbitrary: ofSite('pay-late', 'cancel-or-not') },
  { weight: 3, arbitrary: ofSite('cancel-in-dashboard', 'pause-subscription', 'dispute', 'refund-by-hand') },
]

/** Asks as the owner of the site. */
type AskAsOwner = (method: string, path: string, body: object) => ReturnType<SimWorld['ask']>

/** Mostly nothing is running where money comes in; periodically it comes in between a gate and what is behind it. */
const beforeMoney = async (world: SimWorld): Promise<void> => {
  if (world.integer(3) > 0) await world.quiet()
  else world.moneyMayRace()
}

/** Where there is something at Stripe that it can be done to. */
const paying = ({ stripe, siteIds }: SimWorld, step: MoneyStep, id: SiteId): SiteId => {
  if (step.does === 'buy' || step.does === 'open-checkout' || step.does === 'pay-late') return id
  const payers = siteIds.filter((one) => stripe.ofSite(one).length > 0)
  return payers[step.site % Math.max(1, payers.length)] ?? id
}

/** @param picked the site that the step would be for, if any will do. */
export const doMoneyStep = async (
  world: SimWorld,
  step: MoneyStep,
  picked: SiteId,
  askAs: (siteId: SiteId) => AskAsOwner,
): Promise<void> => {
  const { stripe } = world
  const id = paying(world, step, picked)
  const ask = askAs(id)
  switch (step.does) {
    case 'buy':
    case 'open-checkout': {
      const { plan, interval } = step
      const answer = await ask('POST', '/checkout', { plan, interval })
      const session = answer?.body['id']
      if (answer === undefined || answer.status > 201 || typeof session !== 'string') return
      stripe.noteSession(id, session)
      if (step.does === 'open-checkout') return
      await beforeMoney(world)
      stripe.pay(id)
      return
    }
    case 'change-plan':
      if (world.integer(2) === 0) stripe.useConfirmedCard(id)
      await ask('POST', '/plan', { plan: step.plan, interval: step.interval })
      // Nobody confirms the others, which Stripe drops.
      if (world.integer(3) > 0) stripe.confirmChange(id)
      return
    case 'pay-late':
      await beforeMoney(world)
      stripe.pay(id)
      return
    case 'buy-again':
      await beforeMoney(world)
      stripe.payAgain(id, { plan: step.plan, interval: step.interval, currency: 'EUR' })
      return
    case 'repair-card':
      await beforeMoney(world)
      stripe.mendCard(id)
      return
    case 'card-fails':
      return stripe.breakCard(id)
    case 'cancel-or-not':
      return stripe.cancelOrNot(id)
    case 'cancel-in-dashboard':
      return stripe.cancelNow(id)
    case 'pause-subscription':
      return stripe.pause(id)
    case 'dispute':
      return stripe.dispute(id)
    case 'refund-by-hand':
      return stripe.refundByHand(id)
  }
}
