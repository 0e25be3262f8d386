import { samplePolicy } from '../../sample-policy.ts'
import type { BillingScenario } from './billing-scenario.ts'
import { beginCheckout, buy, changePlan, deleteSite, revokeDeletion, signInAgain } from './buyer.ts'
import { hearing } from './calls.ts'
import { beginBeside, cards, loseCustomer, payWhereverOpen } from './payer.ts'

const buying = [
  'owner-api checkouts.find',
  'owner-api checkouts.begin',
  'owner-api checkouts.noteSession',
  'owner-api stripe.POST checkout/sessions',
  ...hearing,
  'converge-billing sites.commit',
]

const paid = { status: 'active', plan: 'growth', runs: { renews: true }, charges: 1, refunds: 0 } as const

/** Everything that money does to a site, each from where it begins. */
export const billingScenarios: readonly BillingScenario[] = [
  {
    name: 'the first purchase of one who changes the mind',
    from: 'active',
    run: async (world, buyer) => {
      await beginCheckout(world, buyer, 'starter')
      await beginCheckout(world, buyer, 'growth')
      await payWhereverOpen(world)
    },
    outcome: paid,
    musts: [
      ...buying,
      'owner-api stripe.POST customers',
      'owner-api stripe.POST checkout/sessions/:id/expire',
      'owner-api accountChanges.commit',
    ],
  },
  {
    name: 'another plan after a card was declined',
    prepare: async (world, buyer) => {
      await beginCheckout(world, buyer, 'starter')
      await payWhereverOpen(world, cards.declined)
      return buyer
    },
    from: 'active',
    run: (world, buyer) => buy(world, buyer, 'growth'),
    outcome: paid,
    musts: [...buying, 'owner-api stripe.POST checkout/sessions/:id/expire'],
  },
  {
    name: 'a purchase by a customer who was deleted at Stripe',
    prepare: async (world, buyer) => {
      await beginCheckout(world, buyer, 'starter')
      loseCustomer(world)
      return buyer
    },
    from: 'active',
    run: (world, buyer) => buy(world, buyer, 'growth'),
    outcome: paid,
    musts: [
      ...buying,
      'owner-api stripe.GET customers/:id',
      'owner-api stripe.POST customers',
      'owner-api accountChanges.commit',
    ],
  },
  {
    name: 'a purchase for a suspended site',
    prepare: async (world, buyer) => {
      await world.pass(samplePolicy.trialDays + 1)
      return signInAgain(world, buyer)
    },
    from: 'suspended',
    run: (world, buyer) => buy(world, buyer, 'growth'),
    outcome: paid,
    musts: buying,
  },
  {
    name: 'a purchase for an archived site',
    prepare: async (world, buyer) => {
      await world.pass(samplePolicy.trialDays + 1 + samplePolicy.graceDays + 1)
      return signInAgain(world, buyer)
    },
    from: 'archived',
    run: (world, buyer) => buy(world, buyer, 'growth'),
    outcome: paid,
    musts: [...buying, 'converge-billing workflows.start'],
  },
  {
    name: 'a change of plan',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'starter')
      return buyer
    },
    from: 'active',
    run: (world, buyer) => changePlan(world, buyer, 'growth'),
    // The purchase, and the difference.
    outcome: { ...paid, charges: 2 },
    musts: ['owner-api stripe.POST subscriptions/:id', 'owner-api sites.commit', ...hearing],
  },
  {
    name: 'a paid site that is deleted, and taken back',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'growth')
      return buyer
    },
    from: 'active',
    run: async (world, buyer) => {
      await deleteSite(world, buyer)
      await revokeDeletion(world, buyer)
    },
    outcome: paid,
    musts: ['converge-billing stripe.POST subscriptions/:id', ...hearing],
  },
  {
    name: 'a paid site that is deleted, taken back, deleted again and purged',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'growth')
      return buyer
    },
    from: 'active',
    run: async (world, buyer) => {
      await deleteSite(world, buyer)
      await revokeDeletion(world, buyer)
      await deleteSite(world, buyer)
      await world.pass(samplePolicy.deletionDays + 1)
      await world.deliver()
    },
    outcome: { status: 'purged', plan: 'growth', charges: 1, refunds: 0 },
    musts: [
      'converge-billing stripe.POST subscriptions/:id',
      'converge-billing stripe.DELETE subscriptions/:id',
      ...hearing,
    ],
  },
  {
    name: 'a checkout that is open when its site is purged',
    prepare: async (world, buyer) => {
      await deleteSite(world, buyer)
      await world.pass(samplePolicy.deletionDays - 0.5)
      // A session is open for a day.
      await beginCheckout(world, buyer, 'growth')
      return buyer
    },
    from: 'suspended',
    run: async (world) => {
      await world.pass(0.75)
      await world.heal()
      await payWhereverOpen(world)
    },
    outcome: { status: 'purged', plan: 'trial', charges: 0, refunds: 0 },
    musts: ['converge-billing stripe.POST checkout/sessions/:id/expire'],
  },
  {
    name: 'money for a purged site',
    prepare: async (world, buyer) => {
      await deleteSite(world, buyer)
      await world.pass(samplePolicy.deletionDays - 0.5)
      // The purge expires the checkout that Sitewright knows, and not the other. A session is open for a day.
      await beginCheckout(world, buyer, 'growth')
      await beginBeside(world, buyer, 'growth')
      await world.pass(0.75)
      return buyer
    },
    from: 'purged',
    run: (world) => payWhereverOpen(world),
    outcome: { status: 'purged', plan: 'trial', charges: 1, refunds: 0, due: 7900 },
    musts: ['converge-billing stripe.DELETE subscriptions/:id', ...hearing],
  },
]
