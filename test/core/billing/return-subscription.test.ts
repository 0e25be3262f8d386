import { expect, it } from 'vitest'
import { returnSubscription } from '../../../core/billing/return-subscription.ts'
import { billingScene } from '../../support/billing/billing-scene.ts'
import { fixedContext } from '../../support/fixed-ports.ts'

const paidThrough = '2026-04-01T12:00:00.000Z'

/** The key of a refund whose answer is lost. */
const keyOf = async ({ id = 'sub_1', through = paidThrough, givenBefore = 0 } = {}): Promise<string> => {
  const scene = billingScene()
  const site = scene.site(scene.open().id)
  const keys: string[] = []
  const payments = {
    ...scene.ports.payments,
    refund: async ({ idempotencyKey }: { idempotencyKey: string }) => {
      keys.push(idempotencyKey)
      throw new Error('the answer is lost')
    },
  }
  const subscription = {
    ...scene.model.seen(scene.model.create({ customerId: 'cus_1', siteId: site!.id, price: undefined })),
    id,
  }
  const returning = returnSubscription(
    { ...scene.ports, payments },
    site!,
    {
      subscription: { ...subscription, paidThrough: through },
      because: 'second-subscription',
      refundedBeyond: '1970-01-01T00:00:00.000Z',
      isPlanned: false,
    },
    { context: fixedContext(), givenBefore },
  )
  await expect(returning).rejects.toThrow('the answer is lost')
  expect(keys).toHaveLength(1)
  return keys[0]!
}

it('asks for a refund again under the same key after a lost answer', async () => {
  expect(await keyOf()).toBe(await keyOf())
})

it.each([
  ['another subscription', { id: 'sub_2' }],
  ['what was paid later', { through: '2026-05-01T12:00:00.000Z' }],
  ['the rest, after a part was given back', { givenBefore: 1900 }],
])('asks for %s under another key', async (_, change) => {
  expect(await keyOf(change)).not.toBe(await keyOf())
})
