import type { BillingScenario } from './billing-scenario.ts'
import { beginCheckout, buy } from './buyer.ts'
import { hearing } from './calls.ts'
import { beginBeside, cards, payWhereverOpen } from './payer.ts'
import { unheardRenewal } from './upkeep-scenarios.ts'

const returning = ['converge-billing stripe.DELETE subscriptions/:id', 'converge-billing sites.commit', ...hearing]
const refunding = [...returning, 'converge-billing stripe.POST refunds']
const kept = { status: 'active', plan: 'growth', runs: { renews: true }, charges: 2 } as const

/** Sites that are paid for twice, past what keeps owners from it. */
export const secondScenarios: readonly BillingScenario[] = [
  {
    name: 'a second subscription for a paid site',
    prepare: async (world, buyer) => {
      await buy(world, buyer, 'growth')
      await beginBeside(world, buyer, 'starter')
      return buyer
    },
    from: 'active',
    run: (world) => payWhereverOpen(world),
    outcome: {
      ...kept,
      refunds: 1,
      told: ['We have refunded a payment for shop'],
    },
    musts: refunding,
  },
  {
    name: 'two checkouts that are paid at once',
    prepare: async (world, buyer) => {
      await beginCheckout(world, buyer, 'growth')
      await beginBeside(world, buyer, 'growth')
      return buyer
    },
    from: 'active',
    run: (world) => payWhereverOpen(world),
    outcome: {
      ...kept,
      refunds: 1,
      told: ['Your site shop is yours to keep', 'We have refunded a payment for shop'],
    },
    musts: refunding,
  },
  {
    name: 'a second subscription, paid for in the place of one that is past due',
    prepare: async (world, buyer) => {
      await unheardRenewal(world, buyer, cards.failing)
      await world.deliver()
      await beginBeside(world, buyer, 'growth')
      return buyer
    },
    from: 'active',
    run: (world) => payWhereverOpen(world),
    // What was paid on the first one was used up.
    outcome: { ...kept, refunds: 0, told: ['The payment for shop has come in'] },
    musts: returning,
  },
]
