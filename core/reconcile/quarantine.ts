import * as z from 'zod'
import { idSchema } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { LeftThing } from './left-thing.ts'
import { leftKinds } from './left-thing.ts'

const instant = z.iso.datetime({ precision: 3 })

/** A thing in quarantine, as it is stored. */
export const quarantinedSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.enum(leftKinds),
  id: z.string().min(1),
  siteId: idSchema('site'),
  /** When it was found. All instants are by the wall clock: no person's deadline hangs on them. */
  foundAt: instant,
  /** When it was looked at last. */
  seenAt: instant,
  /** For how long it has been watched. */
  watchedMilliseconds: z.int().nonnegative(),
})
export type Quarantined = z.infer<typeof quarantinedSchema>

const hour = 60 * 60_000
const quarantineMilliseconds = 24 * hour

/**
 * No more than this counts between two looks. A machine that slept, or a clock that was set, does not make the quarantine any
 * shorter: it lasts 24 hours in which somebody could have looked as well.
 */
const longestBetweenLooks = 2 * hour

/** The thing after one more look at it. */
export const lookedAt = (
  { kind, id, siteId }: Pick<LeftThing, 'kind' | 'id' | 'siteId'>,
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
    watchedMilliseconds: (before?.watchedMilliseconds ?? 0) + Math.min(longestBetweenLooks, Math.max(0, passed)),
  }
}

export const isQuarantineOver = ({ watchedMilliseconds }: Quarantined): boolean =>
  watchedMilliseconds >= quarantineMilliseconds

/** What is left over and watched before it is removed. */
export interface Quarantine {
  /** All that is in it, read strongly consistently. */
  readonly list: () => AsyncIterable<Quarantined>
  /**
   * Notes a look at a thing.
   * @param before what the look before noted; undefined for the first one.
   * @returns false where another look was noted meanwhile: then this one is not.
   */
  readonly note: (after: Quarantined, before: Quarantined | undefined) => Promise<boolean>
  /** Lets a thing out of it, if it is in it. */
  readonly release: (thing: Pick<LeftThing, 'kind' | 'id'>) => Promise<void>
}
