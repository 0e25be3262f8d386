import type { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'

/** An event that an endpoint has not taken yet. */
export interface Delivery {
  readonly event: string
  readonly endpoint: string
  /** So often it was tried. */
  readonly attempts: number
  /** Milliseconds since 1970, by the wall clock. */
  readonly nextAt: number
}

const rowSchema = z.object({ event: z.string(), endpoint: z.string(), attempts: z.int(), next_at: z.int() })
const countSchema = z.object({ count: z.int() })
const nextSchema = z.object({ next: z.int().nullable() })

/** What is still to be delivered. */
export const createDeliveries = (database: DatabaseSync) => {
  const insert = database.prepare('INSERT INTO deliveries (event, endpoint, attempts, next_at) VALUES (?, ?, 0, ?)')
  const due = database.prepare(
    'SELECT event, endpoint, attempts, next_at FROM deliveries WHERE next_at <= ? ORDER BY next_at, rowid LIMIT ?',
  )
  const postpone = database.prepare(
    'UPDATE deliveries SET attempts = attempts + 1, next_at = ? WHERE event = ? AND endpoint = ?',
  )
  const remove = database.prepare('DELETE FROM deliveries WHERE event = ? AND endpoint = ?')
  const ofEvent = database.prepare('SELECT COUNT(*) AS count FROM deliveries WHERE event = ?')
  const fresh = database.prepare('SELECT COUNT(*) AS count FROM deliveries WHERE attempts < ?')
  const first = database.prepare('SELECT MIN(next_at) AS next FROM deliveries')
  return {
    add: (event: string, endpoint: string, at: number): void => {
      insert.run(event, endpoint, at)
    },
    due: (at: number, atMost: number): readonly Delivery[] =>
      due.all(at, atMost).map((row) => {
        const { next_at: nextAt, ...rest } = rowSchema.parse(row)
        return { ...rest, nextAt }
      }),
    postpone: ({ event, endpoint }: Delivery, nextAt: number): void => {
      postpone.run(nextAt, event, endpoint)
    },
    remove: ({ event, endpoint }: Delivery): void => {
      remove.run(event, endpoint)
    },
    /** How many endpoints an event has still to reach. */
    pendingOf: (event: string): number => countSchema.parse(ofEvent.get(event)).count,
    /** How many were tried less often than that. */
    triedLessThan: (attempts: number): number => countSchema.parse(fresh.get(attempts)).count,
    nextAt: (): number | undefined => nextSchema.parse(first.get()).next ?? undefined,
  }
}
export type Deliveries = ReturnType<typeof createDeliveries>
