import * as z from 'zod'
import { idSchema } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import { type Leftover, leftoverKinds } from './leftover.ts'

const instant = z.iso.datetime({ precision: 3 })

export const quarantinedSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.enum(leftoverKinds),
  id: z.string().min(1),
  siteId: idSchema('site'),
  /** By the wall clock, as all of these. */
  foundAt: instant,
  seenAt: instant,
  watchedMilliseconds: z.int().nonnegative(),
})
export type Quarantined = z.infer<typeof quarantinedSchema>

const hour = 60 * 60_000
const quarantineMilliseconds = 24 * hour

/** The most that counts between two checks, so that a sleeping machine or a set clock does not shorten the quarantine. */
const longestBetweenChecks = 2 * hour

export const afterCheck = (
  { kind, id, siteId }: Pick<Leftover, 'kind' | 'id' | 'siteId'>,
  before: Quarantined | undefined,
  now: Instant,
): Quarantined => {
  const passed = before === undefined ? 0 : Date.parse(now) - Date.parse(before.seenAt)
  return {
    schemaVersion: 1,
    kind,
    id,
    siteId,
    foundAt: before?.foundAt ?? now,
    seenAt: now,
    watchedMilliseconds: (before?.watchedMilliseconds ?? 0) + Math.min(longestBetweenChecks, Math.max(0, passed)),
  }
}

export const isQuarantineOver = ({ watchedMilliseconds }: Quarantined): boolean =>
  watchedMilliseconds >= quarantineMilliseconds

/** Leftovers that are watched before they are removed. */
export interface Quarantine {
  /** Strongly consistent. */
  readonly list: () => AsyncIterable<Quarantined>
  /** Stores a check. @param before the previous check, if any. @returns false on a conflict. */
  readonly note: (after: Quarantined, before: Quarantined | undefined) => Promise<boolean>
  readonly release: (leftover: Pick<Leftover, 'kind' | 'id'>) => Promise<void>
}
