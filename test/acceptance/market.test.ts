import { Webhook } from 'standardwebhooks'
import { expect, it } from 'vitest'
import oneMarket from './market/one-market.ts'
import { openReceiver } from './market/receiver.ts'
import twoMarkets from './market/two-markets.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

it('the second market of the story is an offer and its trial policy, and nothing else', () => {
  const { offers, trialPolicies, ...rest } = twoMarkets
  expect(rest).toEqual(Object.fromEntries(Object.keys(rest).map((key) => [key, Reflect.get(oneMarket, key)])))
  expect(oneMarket.offers).toEqual([])
  expect(offers.map(({ id }) => id)).toEqual(['schools'])
  expect(trialPolicies.slice(0, -1)).toEqual(oneMarket.trialPolicies)
})

it('the CRM of the story takes what is signed, each id once, and refuses the rest', async () => {
  await using receiver = await openReceiver()
  const send = async (id: string, key: string): Promise<number> => {
    const body = '{"type":"account.created"}'
    const at = new Date()
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(key).sign(id, at, body),
    }
    return (await fetch(receiver.url, { method: 'POST', headers, body })).status
  }
  expect(await send('msg_1', secret)).toBe(400)
  receiver.trust(secret)
  expect([await send('msg_1', secret), await send('msg_1', secret)]).toEqual([204, 204])
  expect(await send('msg_2', `${secret.slice(0, -4)}aaaa`)).toBe(400)
  expect(receiver.verified()).toEqual(['account.created'])
  expect(receiver.refused()).toBe(2)
})
