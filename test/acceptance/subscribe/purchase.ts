import { setTimeout as sleep } from 'node:timers/promises'
import { demoSite } from '../api.ts'
import { awaitValue, check } from '../expectations.ts'
import { openLoad } from '../open-load.ts'
import type { BuyerCalls, ElsewhereCalls } from '../story-api.ts'

const good = '4242424242424242'
const declined = '4000000000000002'

/** Buys a monthly plan for a site, on the checkout's page. */
export const purchase = (siteUrl: string, buyer: BuyerCalls, elsewhere: ElsewhereCalls) => {
  return {
    /**
     * Opens the checkout twice, and pays with a card that is declined.
     * @returns the id of the session.
     */
    begin: async (plan: string): Promise<string> => {
      const { id } = await buyer.checkout(plan)
      check('checkout, requested again', (await buyer.checkout(plan)).id, id)
      const before = await buyer.billing()
      check('why the card is declined', await elsewhere.payDeclined(id, declined), 'card_declined')
      check('billing after a declined card', await buyer.billing(), before)
      return id
    },
    /** @returns the time from Stripe's event to the site's new plan, in milliseconds. */
    pay: async (session: string, plan: string): Promise<number> => {
      await elsewhere.pay(session, good)
      const read = async () => {
        const { state, plan: bought, interval } = await buyer.billing()
        return [state, bought, interval, await buyer.plan()]
      }
      const milliseconds = await awaitValue('billing', read, ['active', plan, 'month', plan])
      return Math.round(milliseconds)
    },
    /** @returns the time until the site itself has its plan, in milliseconds. */
    known: async (plan: string): Promise<number> =>
      Math.round(await awaitValue('plan of the site', async () => (await demoSite(siteUrl).entitlement()).plan, plan)),
  }
}

const quietMilliseconds = 500

/**
 * Changes a site's plan while visitors read and write.
 * @throws {Error} if a request failed, or an acknowledged write is lost or duplicated.
 * @returns a line for the timeline.
 */
export const upgradeUnderLoad = async (options: {
  readonly origin: string
  readonly siteUrl: string
  readonly plan: string
  readonly buyer: BuyerCalls
  readonly resized: () => Promise<unknown>
}): Promise<string> => {
  const { origin, siteUrl, plan, buyer, resized } = options
  const site = demoSite(siteUrl)
  const before = (await site.read()).map(({ text }) => text)
  const port = Number(new URL(origin).port)
  const load = openLoad({ port, host: new URL(siteUrl).host, connections: 8, thinkMilliseconds: 20 })
  try {
    await sleep(quietMilliseconds)
    const usual = Math.round(load.takeLongest())
    await buyer.changePlan(plan)
    const known = () => awaitValue('plan of the site', async () => (await site.entitlement()).plan, plan)
    // Concurrently: on an idle machine one ends before the other is seen.
    const [milliseconds] = await Promise.all([known(), resized()])
    const features = Math.round(milliseconds)
    await load.answered()
    const held = Math.round(load.takeLongest())
    await sleep(quietMilliseconds)
    const { requests, failures, acknowledged } = await load.stop()
    check('failed requests', failures, [])
    const expected = [...before, ...acknowledged].toSorted()
    check('entries', (await site.read()).map(({ text }) => text).toSorted(), expected)
    return (
      `${plan} on the site after ${features} ms; ${requests} requests, 0 failed, ${acknowledged.length} writes, 0 lost, ` +
      `the longest held ${held} ms (${usual} ms before)`
    )
  } finally {
    await load.stop()
  }
}
