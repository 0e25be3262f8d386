import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { EventPattern } from '../../../core/events/event-pattern.ts'
import type { EventBus } from '../../../core/ports/delivery.ts'
import { claimed, manyEvents, stocked } from './sample-events.ts'

export interface OpenedBus {
  readonly bus: EventBus
  /** Everything that the subscriber of this pattern has been handed so far. */
  readonly received: (subscriber: string) => Promise<readonly unknown[]>
  readonly close: () => Promise<void>
}

const deliverySchema = z.looseObject({ 'detail-type': z.string(), detail: z.looseObject({ id: z.string() }) })

const typesOf = (deliveries: readonly unknown[]) =>
  deliveries.map((delivery) => deliverySchema.parse(delivery)['detail-type']).toSorted()

/**
 * What every bus keeps. The source of its events is `sitewright`.
 * @param open a bus with a subscriber for each pattern; `broken`: one that cannot take any event.
 */
export const eventBusContract = (
  name: string,
  open: (
    subscribers: Readonly<Record<string, EventPattern>>,
    options?: { readonly broken: boolean },
  ) => Promise<OpenedBus>,
): void => {
  describe(`${name}, as every event bus`, () => {
    const opened: OpenedBus[] = []
    afterEach(async () => {
      for (const { close } of opened.splice(0)) await close()
    })
    const openForTest: typeof open = async (...given) => {
      const bus = await open(...given)
      opened.push(bus)
      return bus
    }

    it('delivers an event in the envelope of EventBridge, and in it the event as it was published', async () => {
      const { bus, received } = await openForTest({ all: { source: ['sitewright'] } })
      await bus.publish([claimed])
      const [delivery, ...others] = await received('all')
      expect(others).toEqual([])
      expect(delivery).toMatchObject({
        version: '0',
        id: expect.any(String),
        'detail-type': 'SiteClaimed',
        source: 'sitewright',
        region: expect.any(String),
        resources: [],
        detail: claimed,
      })
      expect(deliverySchema.parse(delivery).detail).toEqual(claimed)
    })

    it('delivers to those whose pattern matches, and to nobody else', async () => {
      const { bus, received } = await openForTest({
        all: { source: ['sitewright'] },
        claims: { 'detail-type': ['SiteClaimed'] },
        owned: { detail: { data: { accountId: [{ exists: true }] } } },
        others: { source: ['somebody-else'] },
      })
      await bus.publish([stocked, claimed])
      expect(typesOf(await received('all'))).toEqual(['SiteClaimed', 'SiteStocked'])
      expect(typesOf(await received('claims'))).toEqual(['SiteClaimed'])
      expect(typesOf(await received('owned'))).toEqual(['SiteClaimed'])
      expect(await received('others')).toEqual([])
    })

    it('takes any number of events at once', async () => {
      const events = manyEvents(23)
      const { bus, received } = await openForTest({ all: { source: ['sitewright'] } })
      await bus.publish(events)
      const ids = (await received('all')).map((delivery) => deliverySchema.parse(delivery).detail.id)
      expect(ids.toSorted()).toEqual(events.map(({ id }) => id))
    })

    it('throws where an event cannot be published', async () => {
      const { bus } = await openForTest({ all: { source: ['sitewright'] } }, { broken: true })
      await expect(bus.publish([claimed])).rejects.toThrow()
    })

    it('accepts an empty list of events', async () => {
      const { bus, received } = await openForTest({ all: { source: ['sitewright'] } })
      await bus.publish([])
      expect(await received('all')).toEqual([])
    })
  })
}
