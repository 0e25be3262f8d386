import { describe, expect, test } from 'vitest'
import type { Id } from '../../../../core/ids.ts'
import { plusDays, toEpochSeconds } from '../../../../core/instant.ts'
import type { WebhookDelivery, WebhookEndpoint } from '../../../../lambdas/webhooks/webhook.ts'
import { randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import { type OpenTestStore, storedItem } from '../test-store.ts'

const minute = (number: number): string => `2026-11-22T01:${String(number).padStart(2, '0')}:00.000Z`

const endpoint = (): WebhookEndpoint => ({
  schemaVersion: 1,
  id: randomness.id('hook'),
  version: 1,
  url: 'https://crm.example.com/in',
  description: 'CRM',
  types: ['site.created'],
  secrets: [{ number: 1, createdAt: minute(0) }],
  createdAt: minute(0),
})

const delivery = (endpointId: Id<'hook'>, dueAt: string): WebhookDelivery => ({
  schemaVersion: 1,
  endpointId,
  message: {
    id: randomness.id('msg'),
    type: 'site.created',
    at: minute(0),
    accountId: randomness.id('acct'),
    site: { id: randomness.id('site'), status: 'active', plan: 'trial' },
    details: {},
  },
  queuedAt: minute(0),
  attempts: 0,
  dueAt,
})

export const webhooks = (open: OpenTestStore): void => {
  describe('webhooks', () => {
    const store = storeForAll(open)

    const due = async (until: string, { endpointId }: { endpointId: string }): Promise<WebhookDelivery[]> => {
      const found: WebhookDelivery[] = []
      for await (const one of store.webhookDeliveries.due(until)) if (one.endpointId === endpointId) found.push(one)
      return found
    }

    test('an endpoint is written on condition of its version, listed and removed', async () => {
      const { webhookEndpoints } = store
      const first = endpoint()
      const other = endpoint()
      expect(await webhookEndpoints.write(first)).toBe(true)
      expect(await webhookEndpoints.write(first)).toBe(false)
      expect(await webhookEndpoints.write(other)).toBe(true)
      const next = { ...first, version: 2, disabled: { at: minute(1), because: 'failing' as const } }
      expect(await webhookEndpoints.write(next)).toBe(true)
      expect(await webhookEndpoints.write({ ...first, version: 2 })).toBe(false)
      expect(await webhookEndpoints.read(first.id)).toEqual(next)
      expect(await webhookEndpoints.list()).toEqual([next, other])
      await webhookEndpoints.remove(first.id)
      await webhookEndpoints.remove(first.id)
      expect(await webhookEndpoints.read(first.id)).toBeUndefined()
      expect(await webhookEndpoints.write({ ...next, version: 3 })).toBe(false)
    })

    test('deliveries are found when they are due or farther ahead than any pause, earliest first, and queued once', async () => {
      const endpointId = randomness.id('hook')
      const [late, early] = [delivery(endpointId, minute(9)), delivery(endpointId, minute(3))]
      const ahead = delivery(endpointId, '2027-11-22T01:00:00.000Z')
      for (const one of [late, early, ahead]) await store.webhookDeliveries.queue(one)
      await store.webhookDeliveries.queue({ ...early, attempts: 7, dueAt: minute(1) })
      expect(await due(minute(2), early)).toEqual([ahead])
      expect(await due(minute(9), early)).toEqual([early, late, ahead])
    })

    test('a delivery is replaced or removed unless another one did so', async () => {
      const { webhookDeliveries } = store
      const first = delivery(randomness.id('hook'), minute(3))
      const taken = { ...first, attempts: 1, dueAt: minute(4) }
      await webhookDeliveries.queue(first)
      expect(await webhookDeliveries.replace(first, taken)).toBe(true)
      expect(await webhookDeliveries.replace(first, taken)).toBe(false)
      expect(await webhookDeliveries.replace(first, undefined)).toBe(false)
      // The same instant, after another attempt.
      expect(await webhookDeliveries.replace({ ...taken, attempts: 2 }, undefined)).toBe(false)
      expect(await due(minute(59), first)).toEqual([taken])
      expect(await webhookDeliveries.replace(taken, undefined)).toBe(true)
      expect(await webhookDeliveries.replace(taken, taken)).toBe(false)
      expect(await due(minute(59), first)).toEqual([])
    })

    test('attempts are paged newest first, and expire', async () => {
      const { webhookLog } = store
      const endpointId = randomness.id('hook')
      const { message } = delivery(endpointId, minute(1))
      const attempts = [1, 2, 3].map((number) => ({
        ...{ schemaVersion: 1 as const, id: randomness.id('att'), endpointId, message, at: minute(number), number },
        answer: number === 1 ? ({ failure: 'silent' } as const) : { status: 500, text: 'broken' },
        milliseconds: 12,
      }))
      for (const attempt of attempts) await webhookLog.append(attempt)
      const first = await webhookLog.page(endpointId, { limit: 2 })
      expect(first.items.map(({ number }) => number)).toEqual([3, 2])
      const second = await webhookLog.page(endpointId, { limit: 2, cursor: first.cursor })
      expect(second.items).toEqual([attempts[0]])
      await expect(webhookLog.page(endpointId, { limit: 2, cursor: 'what' })).rejects.toMatchObject({
        kind: 'InvalidRequest',
      })
      const [{ id } = { id: randomness.id('att') }] = attempts
      expect(await webhookLog.find(endpointId, id)).toEqual(attempts[0])
      expect(await webhookLog.find(randomness.id('hook'), id)).toBeUndefined()
      const item = await storedItem(store, { pk: `WEBHOOK#${endpointId}`, sk: id }, store.tables.short)
      expect(item?.['expiresAt']).toBe(toEpochSeconds(plusDays(minute(1), 30)))
    })
  })
}
