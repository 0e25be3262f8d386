import { demoSite } from '../api.ts'
import { awaitValue, check } from '../expectations.ts'
import type { buyerCalls, elsewhereCalls } from '../story-api.ts'

const good = '4242424242424242'
const declined = '4000000000000002'

/** Buys a plan for a site by the month, at the checkout's page. */
export const purchase = (parts: {
  readonly siteUrl: string
  readonly buyer: Pick<ReturnType<typeof buyerCalls>, 'plan' | 'billing' | 'checkout'>
  readonly elsewhere: Pick<ReturnType<typeof elsewhereCalls>, 'pay' | 'payInVain'>
}) => {
  const { siteUrl, buyer, elsewhere } = parts

  return {
    /**
     * Opens the checkout twice, and is declined.
     * @returns the id of the session.
     */
    begin: async (plan: string): Promise<string> => {
      const { id } = await buyer.checkout(plan)
      check('checkout, asked for again', (await buyer.checkout(plan)).id, id)
      const before = await buyer.billing()
      check('why the card is declined', await elsewhere.payInVain(id, declined), 'card_declined')
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
