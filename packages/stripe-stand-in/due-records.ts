import type { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'

const rowSchema = z.object({ kind: z.string(), id: z.string(), due: z.int() })
export type DueRecord = z.infer<typeof rowSchema>

const nextSchema = z.object({ next: z.int().nullable() })

/** What time does something to, and when; in seconds since 1970 by the domain clock. */
export const createDueRecords = (database: DatabaseSync) => {
  const first = database.prepare('SELECT kind, id, due FROM records WHERE due <= ? ORDER BY due, seq LIMIT 1')
  const next = database.prepare('SELECT MIN(due) AS next FROM records WHERE due > ?')
  return {
    first: (now: number): DueRecord | undefined => {
      const row = first.get(now)
      return row === undefined ? undefined : rowSchema.parse(row)
    },
    nextAfter: (now: number): number | undefined => nextSchema.parse(next.get(now)).next ?? undefined,
  }
}
