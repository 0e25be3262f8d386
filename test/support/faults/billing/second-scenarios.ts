import type { BillingScenario } from './billing-scenario.ts'
import { type BillingWorld, operatorToken } from './billing-world.ts'
import { type Buyer, beginCheckout, buy, expectStatus } from './buyer.ts'
import { hearing } from './calls.ts'
import { beginBeside, cancelInPortal, cards, payUnheard, payWhereverOpen } from './payer.ts'
import { unheardRenewal } from './upkeep-scenarios.ts'

const returning = ['converge-billing stripe.DELETE subscriptions/:id', 'converge-billing sites.commit', ...hearing]
const refunding = [...returning, 'converge-billing stripe.POST refunds']
const kept = { status: 'active', plan: 'growth', runs: { renews: true }, charges: 2 } as const

const refunded = 'We have refunded a payment for shop'
const unused = { status: 'active', plan: 'trial', charges: 1, refunds: 0, due: 7900, told: [] } as const

/** Buys in a trial that runs for so long that nothing ever asks whether it is paid for. */
const buyUnheard = async (world: BillingWorld, buyer: Buyer): Promise<void> => {
  const extended = await world.insist({
    method: 'POST',
    path: `/v1/operator/sites/${buyer.id}/extend`,
    headers: { authorization: `Bearer ${operatorToken}` },
    body: { by: 'P90D', reason: 'a long look' },
  })
  expectStatus(extended, 200)
  await beginCheckout(world, buyer, 'growth')
  payUnheard(world)
}

/** Sites that are paid for without effect: twice, against a block, or with an event that is too late. */
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
    outcome: { ...kept, refunds: 1, told: [refunded] },
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
    outcome: { ...kept, refunds: 1, told: ['Your subscription for shop has started', refunded] },
    musts: refunding,
  },
  {
    name: 'a second subscription, paid for instead of one that is past due',
    prepare: async (world, buyer) => {
      await unheardRenewal(world, buyer, cards.failing)
      await world.deliver()
      await beginBeside(world, buyer, 'growth')
      return buyer
    },
    from: 'active',
    run: (world) => payWhereverOpen(world),
    // What was paid on the first one was used up.
    outcome: { ...kept, refunds: 0, told: ['We received the payment for shop'] },
    musts: returning,
  },
  {
    name: 'a purchase whose events arrive after it has ended and is cancelled',
    prepare: async (world, buyer) => {
      await buyUnheard(world, buyer)
      await cancelInPortal(world)
      await world.pass(32)
      return buyer
    },
    from: 'active',
    run: (world) => world.deliver(),
    outcome: unused,
    musts: [...hearing, 'converge-billing sites.commit'],
  },
]
