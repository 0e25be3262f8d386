import { samplePolicy } from '../../sample-policy.ts'
import type { BillingScenario } from './billing-scenario.ts'
import type { BillingWorld } from './billing-world.ts'
import { askForPlan, type Buyer, beginCheckout, buy, openPortal, signInAgain, tryToChangePlan } from './buyer.ts'
import { hearing } from './calls.ts'
import { cancelInPortal, cards, confirmPayment, disputeLastPayment, giveCard } from './payer.ts'

/** The next payment is due within so many days. */
const month = 31.5

/** A site that was paid for with a card, and the end of its first month at Stripe, of which nobody has heard here. */
export const unheardRenewal = async (world: BillingWorld, buyer: Buyer, card: string): Promise<Buyer> => {
  await buy(world, buyer, 'growth')
  giveCard(world, card)
  await world.pass(month)
  return signInAgain(world, buyer)
}

const paid = { status: 'active', plan: 'growth', runs: { renews: true }, charges: 1, refunds: 0 } as const
const failed = 'A payment for shop did not go through'
const comeIn = 'We received the payment for shop'
const switchedOff = 'Your site shop is suspended'
const upkeep = [...hearing, 'converge-billing sites.commit']

/** The changes of a subscription after it was bought. */
export const upkeepScenarios: readonly BillingScenario[] = [
  {
    name: 'a renewal that fails, and is paid with another card',
    prepare: (world, buyer) => unheardRenewal(world, buyer, cards.failing),
    from: 'active',
    run: async (world) => {
      await world.deliver()
      giveCard(world, cards.another)
      await world.deliver()
    },
    outcome: { ...paid, charges: 2, told: [failed, comeIn] },
    musts: upkeep,
  },
  {
    name: 'a renewal that is never paid',
    prepare: (world, buyer) => unheardRenewal(world, buyer, cards.failing),
    from: 'active',
    run: async (world) => {
      await world.deliver()
      // By then it is suspended, and Stripe has given up.
      await world.pass(16)
      await world.deliver()
    },
    outcome: {
      status: 'suspended',
      plan: 'growth',
      charges: 1,
      refunds: 0,
      told: [
        failed,
        ...[3, 1].map((days) => `Your site shop will be suspended in ${days} day${days > 1 ? 's' : ''}`),
        `${switchedOff}: a payment is missing`,
      ],
    },
    musts: [...upkeep, 'pass-gate stripe.GET subscriptions'],
  },
  {
    name: 'a renewal that is paid when its site is suspended for it',
    prepare: async (world, buyer) => {
      const renewed = await unheardRenewal(world, buyer, cards.failing)
      await world.deliver()
      await world.pass(samplePolicy.pastDueDays + 1)
      return renewed
    },
    from: 'suspended',
    run: async (world) => {
      giveCard(world, cards.another)
      await world.deliver()
    },
    outcome: { ...paid, charges: 2, told: [comeIn] },
    musts: [...upkeep],
  },
  {
    name: 'a subscription that is cancelled in the portal, and ends',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'growth')
      return buyer
    },
    from: 'active',
    run: async (world) => {
      await cancelInPortal(world)
      await world.deliver()
      await world.pass(month)
      await world.deliver()
      await world.pass(1)
    },
    outcome: {
      status: 'suspended',
      plan: 'growth',
      charges: 1,
      refunds: 0,
      told: ['The subscription of shop is cancelled', `${switchedOff}: its subscription has ended`],
    },
    musts: upkeep,
  },
  {
    name: 'a subscription that is bought again after one has ended',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'growth')
      await cancelInPortal(world)
      await world.deliver()
      await world.pass(month)
      await world.deliver()
      await world.pass(1)
      return signInAgain(world, buyer)
    },
    from: 'suspended',
    run: (world, buyer) => buy(world, buyer, 'growth'),
    outcome: { ...paid, charges: 2, told: ['Your subscription for shop has started'] },
    musts: [...upkeep, 'owner-api stripe.POST checkout/sessions'],
  },
  {
    name: 'a change of plan whose card is declined',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'starter')
      giveCard(world, cards.failing)
      await world.deliver()
      return buyer
    },
    from: 'active',
    run: (world, buyer) => tryToChangePlan(world, buyer, 'growth'),
    outcome: { ...paid, plan: 'starter', told: [] },
    musts: ['owner-api stripe.POST subscriptions/:id', 'owner-api sites.get'],
  },
  {
    name: 'a change of plan that the bank wants confirmed',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'starter')
      giveCard(world, cards.authenticates)
      await world.deliver()
      return buyer
    },
    from: 'active',
    run: async (world, buyer) => {
      await askForPlan(world, buyer, 'growth')
      await confirmPayment(world)
    },
    outcome: { ...paid, charges: 2, told: [] },
    musts: [...hearing, 'owner-api stripe.POST subscriptions/:id', 'converge-billing sites.commit'],
  },
  {
    name: 'the portal of one who has not paid yet',
    from: 'active',
    run: async (world, buyer) => {
      await beginCheckout(world, buyer, 'growth')
      await openPortal(world, buyer)
    },
    outcome: { status: 'active', plan: 'trial', charges: 0, refunds: 0, told: [] },
    musts: [
      'owner-api stripe.POST customers',
      'owner-api accountChanges.commit',
      'owner-api stripe.GET billing_portal/configurations',
      'owner-api stripe.POST billing_portal/sessions',
    ],
  },
  {
    name: 'a payment that is disputed',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'growth')
      return buyer
    },
    from: 'active',
    run: async (world) => {
      disputeLastPayment(world)
      await world.deliver()
    },
    outcome: { ...paid, isDisputed: true, told: [] },
    musts: [...upkeep, 'converge-billing stripe.GET disputes/:id'],
  },
]
