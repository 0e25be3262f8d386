import { demoSite } from '../api.ts'
import { awaitValue, check } from '../expectations.ts'
import type { BuyerCalls, ElsewhereCalls } from '../story-api.ts'

const good = '4242424242424242'
const declined = '4000000000000002'

/** Buys a plan for a site by the month, at the checkout's page. */
export const purchase = (siteUrl: string, buyer: BuyerCalls, elsewhere: ElsewhereCalls) => {
  return {
    /**
     * Opens the checkout twice, and is declined.
     * @returns the id of the session.
     */
    begin: async (plan: string): Promise<string> => {
      const { id } = await buyer.checkout(plan)
      check('checkout, asked for again', (await buyer.checkout(plan)).id, id)
      const before = await buyer.billing()
      check('why the card is declined', await elsewhere.payDeclined(id, declined), 'card_declined')
      check('billing after a declined card', await buyer.billing(), before)
      return id
    },
    /** @returns how long it took from Stripe's word that it is paid to the plan of the site, in milliseconds. */
    pay: async (session: string, plan: string): Promise<number> => {
      await elsewhere.pay(session, good)
      const look = async () => {
        const { state, plan: bought, interval } = await buyer.billing()
        return [state, bought, interval, await buyer.plan()]
      }
      const milliseconds = await awaitValue('billing', look, ['active', plan, 'month', plan])
      return Math.round(milliseconds)
    },
    /** @returns how long the site itself takes to know of it, in milliseconds. */
    known: async (plan: string): Promise<number> =>
      Math.round(await awaitValue('plan of the site', async () => (await demoSite(siteUrl).entitlement()).plan, plan)),
  }
}
