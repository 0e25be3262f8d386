import type { Records } from './records/records.ts'
import type { Deliveries } from './webhooks/deliveries.ts'
import type { DunningSettings, World } from './world.ts'

/** A plain copy: what is stored is how the object was, not what becomes of it. */
const copyOf = (object: object): Record<string, unknown> => Object.fromEntries(Object.entries(structuredClone(object)))

/** What one step works with. */
export const createWorld = (parts: {
  readonly records: Records
  readonly deliveries: Deliveries
  readonly now: number
  readonly wall: () => number
  readonly randomText: (length: number) => string
  readonly dunning: DunningSettings
  readonly address: string
  /** The request that asks for it; absent where time does. */
  readonly request?: { readonly id: string; readonly idempotencyKey: string | undefined }
}): World => {
  const { records, deliveries, now, wall, randomText, dunning, address, request } = parts
  const newId = (prefix: string): string => `${prefix}${randomText(24)}`
  return {
    records,
    now,
    newId,
    dunning,
    address,
    pendingWebhooks: deliveries.pendingOf,
    emit: (type, object, previous) => {
      const event = records.events.put({
        id: newId('evt_'),
        created: now,
        type,
        object: copyOf(object),
        previous: previous === undefined ? null : copyOf(previous),
        request: request?.id ?? null,
        idempotencyKey: request?.idempotencyKey ?? null,
      })
      for (const { id, status, enabledEvents } of records.endpoints.list()) {
        const isWanted = enabledEvents.includes('*') || enabledEvents.includes(type)
        if (status === 'enabled' && isWanted) deliveries.add(event.id, id, Math.floor(wall()))
      }
    },
  }
}
